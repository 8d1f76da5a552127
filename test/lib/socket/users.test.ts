// All sockets of a user: emitted to, sent away, and not more than there may be.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, type Denial } from "../../../lib/index.js";
import { closeEverything, event, nextTurn, refusal, serve } from "../../support/server.js";

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
    const { member } = await serve({ maxSessionsPerUser: { limit: 2, onLimit: "end-oldest" } });
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

  it("lets the first of two in that come at the same time, and does not refuse both", async () => {
    for (const onLimit of ["reject-new", "end-oldest"] as const) {
      const answers: ((user: unknown) => void)[] = [];
      const findUser = () => new Promise((resolve) => answers.push(resolve));
      const served = await serve({ findUser: findUser, maxSessionsPerUser: { limit: 1, onLimit } });
      const clients = [served.connect(), served.connect()];
      const outcomes = Promise.all(clients.map((client) => Promise.race([event(client, "guard:session").then(() => "in"), refusal(client).then(({ data }) => data!.code)])));
      while (answers.length < 1 || served.guarded.stats().sessions < 2) await nextTurn();
      for (const answer of answers) answer({ sub: "alice" });
      expect([...await outcomes].sort()).to.deep.equal(["in", "rate_limited"]);
      expect(served.guarded.stats().sessions).to.equal(1);
    }
  });

  it("holds for guests who refresh at the same time, too", async () => {
    const strict = await serve();
    const served = await serve({ authenticate: [strict.tokens, anonymous()] as never, findUser: (async ({ sub }: { sub: string }) => { await nextTurn(); return { sub }; }), maxSessionsPerUser: { limit: 1, onLimit: "reject-new" } });
    const guests = await Promise.all(Array.from({ length: 10 }, () => served.member("/", { auth: {} })));
    const answers = await Promise.all(guests.map(({ client }) => client.emitWithAck("guard:refresh", { token: strict.token() }) as Promise<object>));
    expect(answers.filter((answer) => "expiresIn" in answer)).to.have.lengthOf(1);
  });
});
