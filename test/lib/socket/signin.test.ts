// guard:signin: the backend of the host signs who the user is, as with Pusher.
import { createRequire } from "node:module";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, anyone, role, signedIn, signer, type Denial, type SessionNotice } from "../../../lib/index.js";
import { closeEverything, event, makeTokens, serve, type Client, type Setting } from "../../support/server.js";

const Pusher = createRequire(import.meta.url)("pusher") as new (options: object) => { authenticateUser(socketId: string, user: object): unknown };

const key = { key: "chat", secret: "a secret of the tests, twenty bytes and more" };
const signs = signer(key);
const events = { hello: anyone, message: signedIn, ban: role("admin") };
const start = (more: Setting = {}) => serve({ authenticate: [anonymous()] as never, events, signer: signs, ...more });
const signIn = (client: Client, signed: unknown): Promise<{ user?: unknown; error?: Denial }> => client.emitWithAck("guard:signin", signed) as Promise<{ user?: unknown; error?: Denial }>;

async function guest(served: Awaited<ReturnType<typeof serve>>, auth: object = {}) {
  const client = served.connect("/", { auth });
  const { signingId } = await event<SessionNotice>(client, "guard:session");
  return { client, signingId: signingId!, socket: served.io.sockets.sockets.get(client.id!)! };
}

describe("guard:signin", () => {
  afterEach(closeEverything);

  it("makes a guest the user that the backend has signed, for an hour", async () => {
    const served = await start();
    const { client, socket, signingId } = await guest(served);
    socket.on("ban", (ack: (answer: string) => void) => ack("banned"));
    expect(signingId).to.match(/^\d+\.\d+$/);
    const notice = event<SessionNotice>(client, "guard:session");
    const user = { id: "alice", name: "Alice", role: "admin" };
    expect(await signIn(client, signs.authenticateUser(signingId, user))).to.deep.equal({ user });
    expect((await notice).expiresIn).to.be.within(3_590_000, 3_600_000);
    expect(served.guarded.session(socket)).to.deep.include({ subject: "alice", method: "signin" });
    expect((socket.data as { user: unknown }).user).to.deep.equal({ ...user, sub: "alice" });
    expect(await client.emitWithAck("ban")).to.equal("banned");
  });

  it("has a different signingId for each session, whichever authenticator it came from", async () => {
    const { tokens } = makeTokens();
    const served = await start({ authenticate: [tokens, anonymous()] as never });
    const token = tokens.issue({ sub: "alice" } as never, { expiresIn: "1h" });
    const sessions = await Promise.all([{}, {}, { token }, { token }].map((auth) => guest(served, auth)));
    for (const { signingId, socket } of sessions) expect(signingId).to.match(/^\d+\.\d+$/).and.equal(served.guarded.session(socket)!.signingId);
    expect(new Set(sessions.map(({ signingId }) => signingId)).size).to.equal(4);
  });

  it("accepts what Pusher's own library signs for the session", async () => {
    const { client, signingId } = await guest(await start());
    const user = { id: "alice", name: "Alice" };
    expect(await signIn(client, new Pusher({ appId: "1", ...key }).authenticateUser(signingId, user))).to.deep.equal({ user });
  });

  it("begins a session that ends after signinLifetime", async () => {
    const served = await start({ signinLifetime: 100 });
    const { client, signingId } = await guest(served);
    const bye = event<Denial>(client, "guard:bye");
    await signIn(client, signs.authenticateUser(signingId, { id: "alice" }));
    expect((await bye).code).to.equal("token_expired");
  });

  it("accepts the same user again, and ends the connection if it is another user", async () => {
    const served = await start();
    const { client, socket } = await guest(served);
    const sign = (id: string) => signs.authenticateUser(served.guarded.session(socket)!.signingId!, { id });
    for (let nth = 0; nth < 2; nth += 1) expect((await signIn(client, sign("alice"))).user).to.deep.equal({ id: "alice" });
    const bye = event<Denial>(client, "guard:bye");
    expect((await signIn(client, sign("bob"))).error!.code).to.equal("subject_changed");
    expect(await bye).to.deep.include({ code: "subject_changed", reconnect: "never" });
  });

  it("rejects a signature of another session, and one that was changed", async () => {
    const served = await start();
    const [one, other] = [await guest(served), await guest(served)];
    expect(one.signingId).to.not.equal(other.signingId);
    const signed = signs.authenticateUser(one.signingId, { id: "alice" });
    for (const given of [signed, { ...signed, auth: signed.auth.slice(0, -1) }, { ...signed, user_data: '{"id":"admin"}' }]) {
      expect((await signIn(other.client, given)).error).to.include({ code: "signature_invalid", status: 403, event: "guard:signin" });
    }
    expect(served.guarded.session(other.socket)!.subject).to.equal(undefined);
    expect(other.client.connected).to.equal(true);
  });

  it("rejects arguments of any other form", async () => {
    const served = await start();
    const { client } = await guest(served);
    for (const given of [undefined, null, "text", {}, { auth: 1, user_data: "{}" }, { auth: "a".repeat(257), user_data: "{}" }, { auth: "a", user_data: "a".repeat(65_537) }]) {
      expect((await signIn(client, given)).error!.code).to.equal("event_malformed");
    }
  });

  it("rejects a user without an id, even if the signature is right", async () => {
    const { createHmac } = await import("node:crypto");
    const served = await start();
    const { client, signingId } = await guest(served);
    for (const user_data of ["", "null", "[]", '"alice"', "{}", '{"id":1}', '{"id":""}', '{"id":"a","id":"b"}', `{"id":"a","deep":${"[".repeat(15_000)}${"]".repeat(15_000)}}`, "{"]) {
      const auth = `chat:${createHmac("sha256", "a secret of the tests, twenty bytes and more").update(`${signingId}::user::${user_data}`).digest("hex")}`;
      expect((await signIn(client, { auth, user_data })).error!.code, user_data.slice(0, 40)).to.equal("payload_invalid");
    }
  });

  it("is an undeclared event if the guard has no signer", async () => {
    const served = await serve({ authenticate: [anonymous()] as never, events });
    const client = served.connect("/", { auth: {} });
    expect(await event<SessionNotice>(client, "guard:session")).to.not.have.property("signingId");
    expect((await signIn(client, signs.authenticateUser("1.2", { id: "alice" }))).error!.code).to.equal("event_unlisted");
  });

  it("needs a new signature after a sign-out", async () => {
    const served = await start();
    const { client, signingId } = await guest(served);
    const signed = signs.authenticateUser(signingId, { id: "alice" });
    await signIn(client, signed);
    const notice = event<SessionNotice>(client, "guard:session");
    await client.emitWithAck("guard:refresh", {});
    expect((await notice).signingId).to.match(/^\d+\.\d+$/).and.not.equal(signingId);
    expect((await signIn(client, signed)).error!.code).to.equal("signature_invalid");
  });

  it("is denied for a user that is revoked, and for one that findUser does not know", async () => {
    const served = await start({ findUser: ({ sub }: { sub: string }) => (sub === "ghost" ? null : { sub }) });
    const { client, socket } = await guest(served);
    const sign = (id: string) => signs.authenticateUser(served.guarded.session(socket)!.signingId!, { id });
    await served.guarded.revoke({ subject: "alice", issuedBefore: Date.now() + 60_000 });
    expect((await signIn(client, sign("alice"))).error!.code).to.equal("token_revoked");
    expect((await signIn(client, sign("ghost"))).error!.code).to.equal("user_unknown");
    expect((await signIn(client, sign("bob"))).user).to.deep.equal({ id: "bob" });
  });

  it("accepts each signature once: a session is renewed by a new one", async () => {
    const served = await start();
    const { client, signingId } = await guest(served);
    const signed = signs.authenticateUser(signingId, { id: "alice" });
    const told = event<SessionNotice>(client, "guard:session");
    expect((await signIn(client, signed)).user).to.deep.equal({ id: "alice" });
    expect((await told).signingId).to.match(/^\d+\.\d+$/).and.not.equal(signingId);
    expect((await signIn(client, signed)).error!.code).to.equal("signature_invalid");
  });

  it("rejects a signature that may be older than a revocation, and accepts a new one", async () => {
    const served = await start();
    const { client, signingId } = await guest(served);
    const kept = signs.authenticateUser(signingId, { id: "alice" });
    await served.guarded.revoke({ subject: "alice" });
    // A signature that is made in the millisecond of a revocation counts as older.
    for (const revokedAt = Date.now(); Date.now() === revokedAt;) { /* until the next one */ }
    const told = event<SessionNotice>(client, "guard:session");
    expect((await signIn(client, kept)).error!.code).to.equal("token_revoked");
    const { signingId: next } = await told;
    expect((await signIn(client, signs.authenticateUser(next!, { id: "alice" }))).user).to.deep.equal({ id: "alice" });
  });

  it("of a socket that leaves meanwhile does not affect the other sessions of the user", async () => {
    let answer: (user: unknown) => void = () => undefined;
    const asked: string[] = [];
    const findUser = ({ sub }: { sub: string }) => {
      asked.push(sub);
      return asked.length === 1 ? new Promise((resolve) => { answer = resolve; }) : { sub };
    };
    const served = await start({ findUser });
    const [leaving, staying] = [await guest(served), await guest(served)];
    void leaving.client.emit("guard:signin" as never, signs.authenticateUser(leaving.signingId, { id: "alice" }));
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const gone = event(leaving.socket, "disconnect");
    leaving.client.disconnect();
    await gone;
    answer({ sub: "alice" });
    expect((await signIn(staying.client, signs.authenticateUser(staying.signingId, { id: "alice" }))).user).to.deep.equal({ id: "alice" });
    const before = asked.length;
    await served.guarded.userChanged("alice");
    expect(asked.length).to.equal(before + 1);
    expect(served.guarded.stats().sessions).to.equal(1);
  });
});
