// Sessions with an API key on real servers.
import { channel } from "node:diagnostics_channel";
import { inspect } from "node:util";
import { expect } from "chai";
import { auditEventNames } from "../../../lib/audit-events.js";
import { anonymous, apiKey, apiKeys, memoryStore, type Denial } from "../../../lib/index.js";
import { closeEverything, event, refusal, serve } from "../../support/server.js";
import { ask, newBot, node, tries, withKey } from "./bots.js";

const hour = 3_600_000;

describe("a session with an API key", () => {
  afterEach(closeEverything);

  it("is opened by auth.apiKey or X-API-Key, and rules see its scopes", async () => {
    const store = memoryStore();
    const { member, guarded } = await node({ store });
    const keys = apiKeys(store);
    const reader = await newBot(keys, { scopes: ["read"] });
    const writer = await newBot(keys);
    const one = await member("/", withKey(reader.key));
    const other = await member("/", { auth: {}, extraHeaders: { "X-API-Key": writer.key } });
    expect(guarded.session(one.socket)).to.include({ subject: "bot", method: "apiKey", expiresAt: Infinity });
    expect([await ask(one.client), await ask(one.client, "write"), await ask(one.client, "both")]).to.deep.equal(["done", "forbidden", "forbidden"]);
    expect([await ask(other.client), await ask(other.client, "write"), await ask(other.client, "both")]).to.deep.equal(["done", "done", "done"]);
  });

  it("works beside tokens and guests, and a client with a bad key does not become a guest", async () => {
    const store = memoryStore();
    const bot = await newBot(apiKeys(store));
    const { tokens } = await serve();
    const served = await node({ store, setting: { authenticate: [tokens, apiKey({ store }), anonymous()] as never } });
    const [byToken, byKey, guest] = [await served.member("/", { auth: { token: tokens.issue({ sub: "alice" } as never, { expiresIn: "1h" }) } }), await served.member("/", withKey(bot.key)), await served.member("/", { auth: {} })];
    expect([byToken, byKey, guest].map(({ socket }) => served.guarded.session(socket)!.method)).to.deep.equal(["jwt", "apiKey", "anonymous"]);
    expect(await tries(served, bot.key.slice(0, -1))).to.equal("credential_malformed");
  });

  it("ends in the tick in which its key is revoked, and its client is told", async () => {
    const store = memoryStore();
    const keys = apiKeys(store);
    const served = await node({ store });
    const [bot, other] = [await newBot(keys), await newBot(keys)];
    const mine = [await served.member("/", withKey(bot.key)), await served.member("/", withKey(bot.key))];
    const its = await served.member("/", withKey(other.key));
    const byes = mine.map(({ client }) => event<Denial>(client, "guard:bye"));
    await keys.revoke({ id: bot.id });
    expect(mine.map(({ socket }) => served.guarded.session(socket)!.signal.aborted)).to.deep.equal([true, true]);
    for (const bye of await Promise.all(byes)) expect(bye).to.include({ code: "credential_revoked", reconnect: "never" });
    expect([await tries(served, bot.key), await ask(its.client)]).to.deep.equal(["credential_revoked", "done"]);
  });

  it("ends when its key expires", async () => {
    const store = memoryStore();
    const served = await node({ store });
    const bot = await newBot(apiKeys(store), { expiresAt: Date.now() + hour });
    const { client } = await served.member("/", withKey(bot.key));
    const bye = event<Denial>(client, "guard:bye");
    served.clock.ahead = hour;
    expect(await bye).to.include({ code: "credential_expired", reconnect: "refresh" });
  });

  it("ends by guarded.revoke of its subject, and its key opens the next one", async () => {
    const store = memoryStore();
    const served = await node({ store });
    const bot = await newBot(apiKeys(store));
    const { client } = await served.member("/", withKey(bot.key));
    const bye = event<Denial>(client, "guard:bye");
    await served.guarded.revoke({ subject: "bot" });
    expect((await bye).code).to.equal("token_revoked");
    served.clock.ahead = 5;
    expect(await tries(served, bot.key)).to.equal("in");
    await served.guarded.revoke({ tokenId: bot.id });
    expect(await tries(served, bot.key)).to.equal("token_revoked");
  });

  it("shows its key to no handler, audit event or other node", async () => {
    const store = memoryStore();
    const events: unknown[] = [];
    const listen = (audit: unknown) => events.push(audit);
    for (const name of auditEventNames) channel(`socket.io-guard:${name}`).subscribe(listen);
    const served = await node({ store });
    const bot = await newBot(apiKeys(store));
    const one = await served.member("/", { auth: { apiKey: bot.key, other: 1 }, extraHeaders: { "X-API-Key": bot.key } });
    await ask(one.client, "write");
    const error = await refusal(served.connect("/", withKey(`${bot.key.slice(0, -1)}-`)));
    const sockets = await served.io.fetchSockets();
    expect(sockets[0]!.handshake.auth).to.deep.equal({ other: 1 });
    // `holder` is left out: it is the socket, whose request keeps its headers for the other namespaces of the connection.
    const { subject, claims, method, serverData, signal } = served.guarded.session(one.socket)!;
    const seen = inspect([one.socket.handshake.auth, one.socket.handshake.headers, one.socket.data, sockets.map((socket) => [socket.handshake, socket.data as unknown]), events, subject, claims, method, serverData, signal, error.message, error.data], { depth: 8 });
    for (const name of auditEventNames) channel(`socket.io-guard:${name}`).unsubscribe(listen);
    expect(events.length).to.be.at.least(2);
    expect(seen).not.to.include(bot.key.slice(21, 60));
  });
});
