// Sessions that came in by an API key: on real servers, with the keys changed under them.
import { channel } from "node:diagnostics_channel";
import { inspect } from "node:util";
import { expect } from "chai";
import { anonymous, anyone, apiKey, apiKeys, memoryStore, scope, signedIn, type ApiKeyOptions, type ApiKeys, type Denial, type Store } from "../../../lib/index.js";
import { factNames } from "../../../lib/facts.js";
import { draws } from "../../support/draws.js";
import { closeEverything, event, nextTurn, refusal, serve, type Served, type Setting } from "../../support/server.js";
import { FailingKeys } from "./support.js";

const hour = 3_600_000;

interface Node extends Served {
  readonly time: { ahead: number };
}

interface NodeOptions {
  readonly store: Store;
  readonly keys?: Partial<Omit<ApiKeyOptions, "claims">>;
  readonly time?: { ahead: number };
  readonly setting?: Setting;
}

async function node({ store, keys, time = { ahead: 0 }, setting }: NodeOptions): Promise<Node> {
  const authenticator = apiKey({ store, clock: () => Date.now() + time.ahead, ...keys });
  const events = { hello: anyone, message: signedIn, write: scope("write"), both: scope("read", "write") };
  const served = await serve({ authenticate: authenticator as never, events, ...setting });
  served.io.on("connection", (socket) => socket.onAny((_event, ...args: unknown[]) => {
    const ack = args.at(-1);
    if (typeof ack === "function") (ack as (answer: string) => void)("done");
  }));
  return { ...served, time };
}

const withKey = (key: string) => ({ auth: { apiKey: key } });
const newBot = (keys: ApiKeys, more: object = {}) => keys.create({ name: "a bot", subject: "bot", scopes: ["read", "write"], ...more });

/** `done`, or the code of the denial. */
async function ask(client: { emitWithAck(event: string): Promise<unknown> }, name = "message"): Promise<string> {
  const answer = await client.emitWithAck(name) as "done" | { error: Denial };
  return answer === "done" ? answer : answer.error.code;
}

/** Who is let in with this key: nobody, or somebody. */
async function tries({ connect }: Served, key: string): Promise<string> {
  const client = connect("/", withKey(key));
  return Promise.race([event(client, "connect_error").then((error) => (error as { data: Denial }).data.code), event(client, "guard:session").then(() => "in")]);
}

describe("a session by an API key", () => {
  afterEach(closeEverything);

  it("comes in by auth.apiKey or X-API-Key, and rules see its scopes", async () => {
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

  it("stands beside tokens and guests, and a bad key is neither", async () => {
    const store = memoryStore();
    const bot = await newBot(apiKeys(store));
    const { tokens } = await serve();
    const served = await node({ store, setting: { authenticate: [tokens, apiKey({ store }), anonymous()] as never } });
    const [byToken, byKey, guest] = [await served.member("/", { auth: { token: tokens.issue({ sub: "alice" } as never, { expiresIn: "1h" }) } }), await served.member("/", withKey(bot.key)), await served.member("/", { auth: {} })];
    expect([byToken, byKey, guest].map(({ socket }) => served.guarded.session(socket)!.method)).to.deep.equal(["jwt", "apiKey", "anonymous"]);
    expect(await tries(served, bot.key.slice(0, -1))).to.equal("token_malformed");
  });

  it("ends in the tick in which its key is revoked, and is told so", async () => {
    const store = memoryStore();
    const keys = apiKeys(store);
    const served = await node({ store });
    const [bot, other] = [await newBot(keys), await newBot(keys)];
    const mine = [await served.member("/", withKey(bot.key)), await served.member("/", withKey(bot.key))];
    const its = await served.member("/", withKey(other.key));
    const byes = mine.map(({ client }) => event<Denial>(client, "guard:bye"));
    await keys.revoke(bot.id);
    expect(mine.map(({ socket }) => served.guarded.session(socket)!.signal.aborted)).to.deep.equal([true, true]);
    for (const bye of await Promise.all(byes)) expect(bye).to.include({ code: "token_revoked", reconnect: "never" });
    expect([await tries(served, bot.key), await ask(its.client)]).to.deep.equal(["token_revoked", "done"]);
  });

  it("ends when its key expires", async () => {
    const store = memoryStore();
    const served = await node({ store });
    const bot = await newBot(apiKeys(store), { expiresAt: Date.now() + hour });
    const { client } = await served.member("/", withKey(bot.key));
    const bye = event<Denial>(client, "guard:bye");
    served.time.ahead = hour;
    expect(await bye).to.include({ code: "token_expired", reconnect: "refresh" });
  });

  it("by the old secret of a rotated key goes on in the grace and ends with it, and one by the new stays", async () => {
    const store = memoryStore();
    const keys = apiKeys(store);
    const served = await node({ store });
    const bot = await newBot(keys);
    const old = await served.member("/", withKey(bot.key));
    const rotated = await keys.rotate(bot.id, { grace: "24h" });
    const current = await served.member("/", withKey(rotated.key));
    expect([await ask(old.client), await ask(current.client), await tries(served, bot.key)]).to.deep.equal(["done", "done", "in"]);
    expect(served.guarded.session(old.socket)!.expiresAt).to.be.within(Date.now() + 23 * hour, Date.now() + 25 * hour);
    const bye = event<Denial>(old.client, "guard:bye");
    served.time.ahead = 25 * hour;
    expect((await bye).code).to.equal("token_expired");
    expect([await ask(current.client), await tries(served, bot.key), await tries(served, rotated.key)]).to.deep.equal(["done", "token_expired", "in"]);
  });

  it("by the old secret takes the new one in place, without reconnecting", async () => {
    const store = memoryStore();
    const keys = apiKeys(store);
    const served = await node({ store });
    const bot = await newBot(keys);
    const { client } = await served.member("/", withKey(bot.key));
    const { key } = await keys.rotate(bot.id, { grace: "1h" });
    expect(await client.emitWithAck("guard:refresh", { apiKey: key })).to.deep.equal({ expiresIn: null, expiresAt: null });
    served.time.ahead = 2 * hour;
    expect([await ask(client), client.connected]).to.deep.equal(["done", true]);
  });

  it("by the old secret ends at once when there is no grace", async () => {
    const store = memoryStore();
    const keys = apiKeys(store);
    const served = await node({ store });
    const bot = await newBot(keys);
    const { client } = await served.member("/", withKey(bot.key));
    const bye = event<Denial>(client, "guard:bye");
    await keys.rotate(bot.id, { grace: 0 });
    expect((await bye).code).to.equal("token_expired");
    expect(await tries(served, bot.key)).to.equal("token_expired");
  });

  it("is denied nothing in the grace of a rotation under load, and accepted nowhere after it", async function () {
    this.timeout(100_000);
    const store = memoryStore();
    const keys = apiKeys(store);
    const served = await node({ store });
    const bot = await newBot(keys);
    const bots = await Promise.all(Array.from({ length: 10 }, () => served.member("/", withKey(bot.key))));
    let rotated = bot.key;
    let denied = 0;
    // 500 events each round, and a new connection by either key.
    for (let round = 0; round < 4 + draws(100); round += 1) {
      const rotation = round % 2 === 0 && round < 16 ? keys.rotate(bot.id, { grace: "24h" }) : undefined;
      const answers = await Promise.all([...bots.flatMap(({ client }) => Array.from({ length: 50 }, () => ask(client))), tries(served, bot.key), tries(served, rotated)]);
      denied += answers.filter((answer) => answer !== "done" && answer !== "in").length;
      rotated = (await rotation)?.key ?? rotated;
    }
    expect(denied).to.equal(0);
    let accepted = 0;
    let over = false;
    served.io.on("connection", (socket) => socket.onAny(() => { if (over) accepted += 1; }));
    for (const { socket } of bots) socket.onAny(() => { if (over) accepted += 1; });
    const ends = bots.map(({ client }) => event(client, "disconnect"));
    over = true;
    served.time.ahead = 24 * hour + 60_000;
    for (const { client } of bots) for (let count = 0; count < 50; count += 1) client.emit("message");
    await Promise.all(ends);
    expect(await tries(served, bot.key)).to.equal("token_expired");
    expect(accepted).to.equal(0);
  });

  it("hears on another node too that its key was revoked, within staleAfter", async () => {
    // Two stores on one set of records, as two processes have: nothing is announced between them.
    const records = new FailingKeys();
    const beside = { find: records.find.bind(records), add: records.add.bind(records), list: records.list.bind(records), replace: records.replace.bind(records), used: records.used.bind(records) };
    const [here, there] = [{ apiKeys: records }, { apiKeys: beside }];
    const served = await node({ store: there, keys: { staleAfter: "400ms" } });
    const keys = apiKeys(here);
    const bot = await newBot(keys);
    const { client } = await served.member("/", withKey(bot.key));
    const rotated = await keys.rotate(bot.id, { grace: "1h" });
    expect([await tries(served, bot.key), await tries(served, rotated.key)]).to.deep.equal(["in", "in"]);
    const started = performance.now();
    const bye = event<Denial>(client, "guard:bye");
    await keys.revoke(bot.id);
    expect((await bye).code).to.equal("token_revoked");
    expect(performance.now() - started).to.be.below(2_000);
  });

  it("ends when its key is gone from the store, or speaks for others or less than it did", async () => {
    const changes: FailingKeys["change"][] = [
      () => undefined,
      (record) => ({ ...record, scopes: ["read"] }),
      (record) => ({ ...record, subject: "other" }),
    ];
    for (const change of changes) {
      const records = new FailingKeys();
      const served = await node({ store: { apiKeys: records }, keys: { staleAfter: "300ms" } });
      const bot = await newBot(apiKeys({ apiKeys: records }));
      const { client } = await served.member("/", withKey(bot.key));
      const bye = event<Denial>(client, "guard:bye");
      records.change = change;
      expect((await bye).code).to.equal("token_invalid");
    }
  });

  it("is unavailable while its key could not be read for longer than staleAfter, and goes on afterwards", async () => {
    const records = new FailingKeys();
    const errors: unknown[] = [];
    const served = await node({ store: { apiKeys: records }, keys: { staleAfter: "300ms", onError: (error) => errors.push(error) } });
    const bot = await newBot(apiKeys({ apiKeys: records }));
    const { client } = await served.member("/", withKey(bot.key));
    const failed = new Promise((resolve) => served.guarded.on("failed", resolve));
    records.before = () => { throw new Error("no store"); };
    let answer = "done";
    while (answer === "done") answer = await ask(client);
    expect(answer).to.equal("unavailable");
    expect(await tries(served, bot.key)).to.equal("unavailable");
    expect(await failed).to.include({ in: "authenticate" });
    expect(errors).not.to.be.empty;
    records.before = () => undefined;
    while (answer !== "done") answer = await ask(client);
    expect(client.connected).to.equal(true);
  });

  it("whose key expires while the store cannot be read ends all the same", async () => {
    const records = new FailingKeys();
    const served = await node({ store: { apiKeys: records }, keys: { staleAfter: "200ms" } });
    const bot = await newBot(apiKeys({ apiKeys: records }), { expiresAt: Date.now() + hour });
    const { client } = await served.member("/", withKey(bot.key));
    records.before = () => { throw new Error("no store"); };
    while (await ask(client) === "done");
    const bye = event<Denial>(client, "guard:bye");
    served.time.ahead = hour;
    expect((await bye).code).to.equal("token_expired");
  });

  it("ends with what its subject was issued, and its key opens the next one", async () => {
    const store = memoryStore();
    const served = await node({ store });
    const bot = await newBot(apiKeys(store));
    const { client } = await served.member("/", withKey(bot.key));
    const bye = event<Denial>(client, "guard:bye");
    await served.guarded.revoke({ subject: "bot" });
    expect((await bye).code).to.equal("token_revoked");
    served.time.ahead = 5;
    expect(await tries(served, bot.key)).to.equal("in");
    await served.guarded.revoke({ tokenId: bot.id });
    expect(await tries(served, bot.key)).to.equal("token_revoked");
  });

  it("makes its key used, while it lasts", async () => {
    const store = memoryStore();
    const keys = apiKeys(store);
    const served = await node({ store, keys: { staleAfter: "100ms" } });
    const bot = await newBot(keys);
    const used = async () => (await keys.list())[0]!.lastUsedAt;
    expect(await used()).to.equal(null);
    const before = Date.now();
    await served.member("/", withKey(bot.key));
    let first: number | null = null;
    while (first === null) first = await nextTurn().then(used);
    expect(first).to.be.within(before, Date.now());
    served.time.ahead = hour;
    let second: number | null = first;
    while (second === first) second = await nextTurn().then(used);
    expect(second).to.be.within(before + hour, Date.now() + hour);
  });

  it("leaves its key in nothing that handlers, facts or other nodes can see", async () => {
    const store = memoryStore();
    const facts: unknown[] = [];
    const listen = (fact: unknown) => facts.push(fact);
    for (const name of factNames) channel(`socket.io-guard:${name}`).subscribe(listen);
    const served = await node({ store });
    const bot = await newBot(apiKeys(store));
    const one = await served.member("/", { auth: { apiKey: bot.key, other: 1 }, extraHeaders: { "X-API-Key": bot.key } });
    await ask(one.client, "write");
    const error = await refusal(served.connect("/", withKey(`${bot.key.slice(0, -1)}-`)));
    const sockets = await served.io.fetchSockets();
    expect(sockets[0]!.handshake.auth).to.deep.equal({ other: 1 });
    // The holder of a session is its socket, whose request keeps its headers for the connection's other namespaces.
    const { subject, claims, method, serverData, signal } = served.guarded.session(one.socket)!;
    const seen = inspect([one.socket.handshake.auth, one.socket.handshake.headers, one.socket.data, sockets.map((socket) => [socket.handshake, socket.data as unknown]), facts, subject, claims, method, serverData, signal, error.message, error.data], { depth: 8 });
    for (const name of factNames) channel(`socket.io-guard:${name}`).unsubscribe(listen);
    expect(facts.length).to.be.at.least(2);
    expect(seen).not.to.include(bot.key.slice(21, 60));
  });
});
