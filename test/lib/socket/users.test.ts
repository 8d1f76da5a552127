// All sockets of a user: emitted to, sent away, and not more than there may be.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, type Denial } from "../../../lib/index.js";
import { closeEverything, event, refusal, serve } from "../../support/server.js";

describe("guarded.toUser", () => {
  afterEach(closeEverything);

  it("emits to every socket of a user, in whatever namespace, and to nobody else", async () => {
    const { io, guarded, member, token } = await serve();
    io.of("/other");
    const mine = [await member(), await member(), await member("/other")];
    const { client: bob } = await member("/", { auth: { token: token({ sub: "bob" }) } });
    const strays: unknown[] = [];
    bob.on("news", (what) => strays.push(what));
    const heard = Promise.all(mine.map(({ client }) => event(client, "news")));
    guarded.toUser("alice").emit("news", "for alice");
    expect(await heard).to.deep.equal(["for alice", "for alice", "for alice"]);
    const last = event(bob, "news");
    guarded.toUser("bob").emit("news", "for bob");
    expect(await last).to.equal("for bob");
    expect(strays).to.deep.equal(["for bob"]);
    guarded.toUser("nobody").emit("news");
  });

  it("follows who signs in and out on an open connection", async () => {
    const strict = await serve();
    const open = await serve({ authenticate: [strict.tokens, anonymous()] as never });
    const { client } = await open.member("/", { auth: {} });
    const heard: unknown[] = [];
    client.on("news", (what) => heard.push(what));
    const say = async (what: string) => { open.guarded.toUser("alice").emit("news", what); await client.emitWithAck("guard:nothing"); };
    await say("to nobody yet");
    await client.emitWithAck("guard:refresh", { token: strict.token() });
    await say("hello");
    await client.emitWithAck("guard:refresh", {});
    await say("to nobody any more");
    expect(heard).to.deep.equal(["hello"]);
  });
});

describe("guarded.disconnectUser", () => {
  afterEach(closeEverything);

  it("ends every session of a user, who may come back by another login", async () => {
    const { guarded, member, token } = await serve();
    const mine = [await member(), await member()];
    const { client: bob } = await member("/", { auth: { token: token({ sub: "bob" }) } });
    const byes = Promise.all(mine.map(({ client }) => event<Denial>(client, "guard:bye")));
    guarded.disconnectUser("alice");
    for (const bye of await byes) expect(bye).to.deep.include({ code: "token_revoked", reconnect: "never" });
    await member();
    expect(bob.connected).to.equal(true);
  });
});

describe("maxSessionsPerUser", () => {
  afterEach(closeEverything);

  it("refuses one session too many, in each namespace on its own, and no other user's or guest's", async () => {
    const served = await serve({ maxSessionsPerUser: { limit: 2 } });
    served.io.of("/other");
    const [first] = [await served.member(), await served.member()];
    expect((await refusal(served.connect())).data).to.deep.include({ code: "rate_limited", reconnect: "never" });
    await served.member("/other");
    await served.member("/", { auth: { token: served.token({ sub: "bob" }) } });
    const left = event(first.socket, "disconnect");
    first.client.disconnect();
    await left;
    await served.member();
  });

  it("ends the oldest instead, if that is what is asked for", async () => {
    const { member } = await serve({ maxSessionsPerUser: { limit: 2, whenFull: "end-oldest" } });
    const [oldest, second] = [await member(), await member()];
    const bye = event<Denial>(oldest.client, "guard:bye");
    await member();
    expect(await bye).to.deep.include({ code: "rate_limited", reconnect: "never" });
    expect(second.client.connected).to.equal(true);
  });

  it("holds for guests who sign in, too", async () => {
    const strict = await serve();
    const open = await serve({ authenticate: [strict.tokens, anonymous()] as never, maxSessionsPerUser: { limit: 1 } });
    await open.member("/", { auth: { token: strict.token() } });
    const guests = [await open.member("/", { auth: {} }), await open.member("/", { auth: {} })];
    const answer = await guests[0]!.client.emitWithAck("guard:refresh", { token: strict.token() }) as { error: Denial };
    expect(answer.error.code).to.equal("rate_limited");
    expect(guests.every(({ client }) => client.connected)).to.equal(true);
  });
});
