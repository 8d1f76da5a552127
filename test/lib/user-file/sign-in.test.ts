// Logging in with a username and a password, on a real server.
import { expect } from "chai";
import { afterEach } from "mocha";
import { anonymous, anyone, role, signedIn, type SessionNotice } from "../../../lib/index.js";
import { closeEverything, event, refusal, serve } from "../../support/server.js";
import { alice, bob, fileOf, hashes, open, serveUsers } from "./support.js";

const wrong = { code: "credential_invalid", status: 401, reconnect: "never", message: "The username or the password is wrong." };

describe("a user file", () => {
  afterEach(closeEverything);

  it("lets in its users with their passwords", async () => {
    const { signIn, guarded } = await serveUsers();
    const { socket } = await signIn(alice);
    expect(guarded.session(socket)).to.deep.include({ subject: "alice", method: "userFile", claims: { sub: "alice", username: "alice", roles: ["admin"] } });
    expect(socket.data).to.deep.include({ user: { sub: "alice", username: "alice", roles: ["admin"] } });
    expect(guarded.session((await signIn(bob)).socket)).to.deep.include({ subject: "bob", claims: { sub: "bob", username: "bob", roles: [] } });
  });

  it("refuses a wrong password and an unknown user alike", async () => {
    const { connect } = await serveUsers(undefined, { limits: { login: false } });
    for (const auth of [
      { ...alice, password: bob.password }, { ...alice, password: "" }, { ...alice, password: `${alice.password} ` }, { username: "mallory", password: alice.password },
      { username: "ALICE", password: alice.password }, { username: "", password: "" }, { username: "__proto__", password: "x" }, { username: "constructor", password: "x" },
      { username: "alice", password: hashes.alice }, { username: "a".repeat(257), password: "x" }, { username: "alice", password: "x".repeat(1_025) },
    ]) {
      const { data } = await refusal(connect("/", { auth }));
      expect(data, JSON.stringify(auth).slice(0, 80)).to.deep.include(wrong);
    }
  });

  it("refuses a username or password that is not a string, and does not let it in as a guest", async () => {
    const { connect } = await serveUsers(undefined, { authenticate: [open(await fileOf({})), anonymous()] as never });
    for (const auth of [{ username: "alice" }, { username: 7, password: "x" }, { username: "alice", password: null }, { username: {}, password: "x" }, { username: false }, { username: ["alice"], password: ["x"] }]) {
      expect((await refusal(connect("/", { auth }))).data).to.deep.include({ code: "credential_malformed", status: 401, message: "A username and a password must be strings. Sign in again." });
    }
  });

  it("leaves a handshake without a username to the next authenticator", async () => {
    const { tokens, token } = await serve();
    const served = await serveUsers(undefined, { authenticate: [open(await fileOf({ alice: { password: hashes.alice } })), tokens, anonymous()] as never });
    for (const [auth, method] of [[alice, "userFile"], [{ token: token({ sub: "dora" }) }, "jwt"], [{}, "anonymous"], [{ username: null }, "anonymous"], [{ password: "x" }, "anonymous"]] as const) {
      const { socket } = await served.member("/", { auth });
      expect(served.guarded.session(socket)?.method).to.equal(method);
    }
    expect((await refusal(served.connect("/", { auth: { ...alice, password: "x" } }))).data).to.deep.include(wrong);
  });

  it("gives roles to rules, clientData to the client, and serverData to rules and handlers only", async () => {
    const seen: unknown[] = [];
    const rules = { hello: anyone, message: signedIn, close: role("admin"), shard: ({ session }: { session: { serverData: unknown } }) => seen.push(session.serverData) > 0 };
    const { connect, io, guarded } = await serveUsers(undefined, { events: rules });
    io.on("connection", (socket) => socket.onAny((_name: string, ack: (answer: string) => void) => ack("done")));
    const clients = [connect("/", { auth: alice }), connect("/", { auth: bob })];
    const notices: SessionNotice[] = await Promise.all(clients.map((client) => event<SessionNotice>(client, "guard:session")));
    expect(notices.map(({ clientData }) => clientData)).to.deep.equal([{ theme: "dark" }, undefined]);
    expect(notices[0]?.expiresIn).to.be.within(12 * 3_600_000 - 10_000, 12 * 3_600_000);
    expect(JSON.stringify(notices)).not.to.include("shard");
    const answers = await Promise.all(clients.map((client) => client.emitWithAck("close") as Promise<unknown>));
    expect(answers[0]).to.equal("done");
    expect(answers[1]).to.have.nested.property("error.code", "forbidden");
    await clients[0]!.emitWithAck("shard");
    expect(seen).to.deep.equal([{ shard: 7 }]);
    expect(guarded.session(io.sockets.sockets.get(clients[0]!.id!)!)?.serverData).to.deep.equal({ shard: 7 });
    expect(Object.isFrozen(seen[0])).to.equal(true);
  });

  it("uses a user's id as the subject if there is one", async () => {
    const { signIn, guarded } = await serveUsers({ alice: { password: hashes.alice, id: "user-1" } });
    const { socket, client } = await signIn(alice);
    expect(guarded.session(socket)).to.deep.include({ subject: "user-1", claims: { sub: "user-1", username: "alice", roles: [] } });
    const bye = event<{ code: string }>(client, "guard:bye");
    await guarded.revoke({ subject: "user-1" });
    expect((await bye).code).to.equal("token_revoked");
    // The user still knows the password, and only earlier logins were revoked.
    await signIn(alice);
  });

  it("hides the username and password from handlers", async () => {
    const { signIn } = await serveUsers();
    const { socket } = await signIn({ ...alice, color: "red" });
    expect(socket.handshake.auth).to.deep.equal({ color: "red" });
  });

  it("renews a session in place, and only for the same user", async () => {
    const { signIn, guarded } = await serveUsers();
    const { client, socket } = await signIn(alice);
    const before = guarded.session(socket)!.expiresAt;
    const answer = await client.emitWithAck("guard:refresh", alice) as { expiresAt: number };
    expect(answer.expiresAt).to.be.at.least(before);
    expect(await client.emitWithAck("guard:refresh", { ...alice, password: "x" })).to.have.nested.property("error.code", "credential_invalid");
    expect(await client.emitWithAck("guard:refresh", bob)).to.have.nested.property("error.code", "credential_invalid");
  });

  it("ends a session after sessionLifetime, and the client may log in again", async () => {
    const { signIn, clock } = await serveUsers(undefined, { file: { sessionLifetime: "1m" } });
    const { client } = await signIn(alice);
    const bye = event(client, "guard:bye");
    clock.advance(60_000);
    expect(await bye).to.deep.include({ code: "credential_expired", reconnect: "refresh" });
  });

  it("refuses logins that would wait too long when a hundred come at once", async () => {
    const { connect } = await serveUsers(undefined, { file: { concurrency: 1, queue: 5 } });
    const answers = await Promise.all(Array.from({ length: 100 }, () => {
      const client = connect("/", { auth: alice });
      return Promise.race([event(client, "connect").then(() => "in"), event<{ data: object }>(client, "connect_error").then(({ data }) => data)]);
    }));
    const refused = answers.filter((answer) => answer !== "in");
    for (const answer of refused) expect(answer).to.deep.include({ code: "rate_limited", status: 429, reconnect: "later", retryAfter: 2_000 });
    expect(refused.length).to.be.within(1, 94);
  });
});
