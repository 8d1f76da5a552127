// All sockets of one user: emit to them, disconnect them, limit their number.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, type Denial } from "../../../lib/index.js";
import { closeEverything, event, nextTurn, refusal, serve } from "../../support/server.js";

describe("guarded.toUser", () => {
  afterEach(closeEverything);

  it("emits to every socket of the user in every namespace, and to no other user", async () => {
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

  it("follows a connection that signs in and out with guard:refresh", async () => {
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

  it("ends every session of the user as session_ended, and the same token may connect again", async () => {
    const { guarded, member, token } = await serve();
    const mine = [await member(), await member()];
    const { client: bob } = await member("/", { auth: { token: token({ sub: "bob" }) } });
    const byes = Promise.all(mine.map(({ client }) => event<Denial>(client, "guard:bye")));
    guarded.disconnectUser("alice");
    for (const bye of await byes) expect(bye).to.deep.include({ code: "session_ended", status: 401, reconnect: "never" });
    await member();
    expect(bob.connected).to.equal(true);
  });
});

describe("maxSessionsPerUser", () => {
  afterEach(closeEverything);

  it("refuses a session over the limit, counts each namespace and user apart, and frees the place of a session that left", async () => {
    const served = await serve({ maxSessionsPerUser: { perNode: 2 } });
    served.io.of("/other");
    const [first] = [await served.member(), await served.member()];
    expect((await refusal(served.connect())).data).to.deep.include({ code: "session_limit", status: 429, reconnect: "never" });
    await served.member("/other");
    await served.member("/", { auth: { token: served.token({ sub: "bob" }) } });
    const left = event(first.socket, "disconnect");
    first.client.disconnect();
    await left;
    await served.member();
  });

  it("ends the oldest session with onLimit \"end-oldest\"", async () => {
    const { member } = await serve({ maxSessionsPerUser: { perNode: 2, onLimit: "end-oldest" } });
    const [oldest, second] = [await member(), await member()];
    const bye = event<Denial>(oldest.client, "guard:bye");
    await member();
    expect(await bye).to.deep.include({ code: "session_replaced", status: 409, reconnect: "never" });
    expect(second.client.connected).to.equal(true);
  });

  it("keeps the oldest session when a middleware of the host refuses the new client", async () => {
    const { io, member, connect } = await serve({ maxSessionsPerUser: { perNode: 1, onLimit: "end-oldest" } });
    const { client, socket } = await member();
    io.use((_socket, next) => next(new Error("The host refuses this client.")));
    expect((await refusal(connect())).message).to.equal("The host refuses this client.");
    await nextTurn();
    expect([client.connected, socket.connected]).to.deep.equal([true, true]);
  });

  it("counts guests only once they sign in, and refuses that sign-in", async () => {
    const strict = await serve();
    const open = await serve({ authenticate: [strict.tokens, anonymous()] as never, maxSessionsPerUser: { perNode: 1 } });
    await open.member("/", { auth: { token: strict.token() } });
    const guests = [await open.member("/", { auth: {} }), await open.member("/", { auth: {} })];
    const answer = await guests[0]!.client.emitWithAck("guard:refresh", { token: strict.token() }) as { error: Denial };
    expect(answer.error.code).to.equal("session_limit");
    expect(guests.every(({ client }) => client.connected)).to.equal(true);
  });

  it("rejects the second of two clients that connect at the same time, and not both", async () => {
    const { clients, guarded } = await connectTogether("reject-new");
    const outcomes = await Promise.all(clients.map((client) => Promise.race([event(client, "guard:session").then(() => "connected"), refusal(client).then(({ data }) => data!.code)])));
    expect(outcomes).to.deep.equal(["connected", "session_limit"]);
    expect(guarded.stats().sessions).to.equal(1);
  });

  it("ends the first of two clients that connect at the same time, if the oldest is to end", async () => {
    const { clients, guarded } = await connectTogether("end-oldest");
    await Promise.all([event(clients[0]!, "guard:bye"), event(clients[1]!, "guard:session")]);
    expect(guarded.stats().sessions).to.equal(1);
  });

  it("lets exactly one of ten guests sign in that refresh at the same time", async () => {
    const strict = await serve();
    const served = await serve({ authenticate: [strict.tokens, anonymous()] as never, findUser: (async ({ sub }: { sub: string }) => { await nextTurn(); return { sub }; }), maxSessionsPerUser: { perNode: 1, onLimit: "reject-new" } });
    const guests = await Promise.all(Array.from({ length: 10 }, () => served.member("/", { auth: {} })));
    const answers = await Promise.all(guests.map(({ client }) => client.emitWithAck("guard:refresh", { token: strict.token() }) as Promise<object>));
    expect(answers.filter((answer) => "expiresIn" in answer)).to.have.lengthOf(1);
  });
});

/** Two clients of one user, who may have one session: both are authenticated at the same moment. */
async function connectTogether(onLimit: "reject-new" | "end-oldest") {
  const answers: ((user: unknown) => void)[] = [];
  const findUser = () => new Promise((resolve) => answers.push(resolve));
  const { guarded, connect } = await serve({ findUser, maxSessionsPerUser: { perNode: 1, onLimit } });
  const clients = [connect()];
  while (guarded.stats().sessions < 1) await nextTurn();
  clients.push(connect());
  while (guarded.stats().sessions < 2) await nextTurn();
  setImmediate(() => { for (const answer of answers) answer({ sub: "alice" }); });
  return { clients, guarded };
}
