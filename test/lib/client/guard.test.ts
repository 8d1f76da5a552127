import { expect } from "chai";
import { anonymous, anyone, apiKey, apiKeys, deny, memoryStore, signedIn, signer, type SessionNotice } from "../../../lib/index.js";
import { DenialError, type SessionEnded } from "../../../lib/client/index.js";
import { closeEverything, serve, type Served } from "../../support/server.js";
import { openGuardClient, emitted } from "./support.js";

const events = { hello: anyone, message: signedIn, secret: () => deny("Not today.", { retryAfter: 5_000 }) };

async function chat(more: Parameters<typeof serve>[0] = {}): Promise<Served> {
  const served = await serve({ events, ...more });
  served.io.on("connection", (socket) => {
    socket.on("message", (text: string, answer: (said: string) => void) => answer(`${(socket.data as { user: { sub: string } }).user.sub}: ${text}`));
  });
  return served;
}

describe("a guard client of a guarded server", () => {
  afterEach(closeEverything);

  it("connects with its token and gets answers", async () => {
    const served = await chat();
    const { client } = openGuardClient(served, { getToken: () => served.token() });
    expect(await emitted<{ expiresIn: number }>(client, "session")).to.have.property("expiresIn").within(3_500_000, 3_600_000);
    expect(await client.emitGuarded("message", "hello")).to.equal("alice: hello");
  });

  it("rejects with the denial of an event, and emits the denial of an event without an ack", async () => {
    const served = await chat();
    const { client, socket } = openGuardClient(served, { getToken: () => served.token() });
    const error = await client.emitGuarded("secret").catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(DenialError).and.include({ code: "forbidden", message: "Not today." });
    expect((error as DenialError).denial).to.include({ event: "secret", retryAfter: 5_000 });
    const denied = emitted(client, "denied");
    socket.emit("secret");
    expect(await denied).to.include({ code: "forbidden", event: "secret" });
  });

  it("waits for a limit of the server and sends again, in order, if `waitForLimits` is set", async () => {
    const served = await chat({ events: { ...events, message: { allow: signedIn, limit: "2/1m" } } });
    const { client, time } = openGuardClient(served, { getToken: () => served.token(), waitForLimits: "2m" });
    await emitted(client, "session");
    const answers = ["one", "two", "three", "four"].map((text) => client.emitGuarded("message", text));
    expect(await Promise.all(answers.slice(0, 2))).to.deep.equal(["alice: one", "alice: two"]);
    // The server answers in order: after this answer, the client has read that the others are over the limit.
    await client.emitGuarded("secret").catch(() => undefined);
    expect(served.guarded.stats().limitHits).to.deep.equal({ event: 2 });
    // Rounding may make the wait two milliseconds longer than the window.
    served.clock.advance(60_002);
    time.advance(66_000);
    expect(await Promise.all(answers.slice(2))).to.deep.equal(["alice: three", "alice: four"]);
  });

  it("does not reconnect after its token was malformed, until login() is called", async () => {
    const served = await chat();
    const { client, socket } = openGuardClient(served, { getToken: () => "no token" });
    expect(await emitted<SessionEnded>(client, "ended")).to.deep.include({ reconnectIn: null }).and.have.nested.property("denial.code", "token_malformed");
    await client.login(served.token());
    expect(socket.connected).to.equal(true);
  });

  it("connects as a guest only if the server accepts guests", async () => {
    const strict = await chat();
    const stranger = openGuardClient(strict, { getToken: () => null });
    expect(await emitted<SessionEnded>(stranger.client, "ended")).to.include({ reconnectIn: null });
    const open = await chat({ authenticate: [strict.tokens, anonymous()] });
    const guest = openGuardClient(open, { getToken: () => null });
    expect(await emitted(guest.client, "session")).to.deep.equal({ subject: null, expiresIn: null, expiresAt: null });
  });

  it("reconnects as a guest after an event that only users may send", async () => {
    const served = await chat();
    const open = await chat({ authenticate: [served.tokens, anonymous()] });
    const { client, time, socket } = openGuardClient(open, { getToken: () => null });
    await emitted(client, "session");
    const ended = emitted<SessionEnded>(client, "ended");
    expect(await client.emitGuarded("message", "hello").catch((error: unknown) => error)).to.include({ code: "token_missing" });
    time.advance((await ended).reconnectIn!);
    await emitted(client, "session");
    expect(socket.connected).to.equal(true);
  });

  it("reconnects with another token when its session expires", async () => {
    const served = await chat();
    const { client, time, socket } = openGuardClient(served, { getToken: () => served.token() });
    await emitted(client, "session");
    const ended = emitted<SessionEnded>(client, "ended");
    served.clock.ahead += 3_600_000;
    const { denial, reconnectIn } = await ended;
    expect(denial!.code).to.equal("token_expired");
    time.advance(reconnectIn!);
    await emitted(client, "session");
    expect(socket.connected).to.equal(true);
    expect(await client.emitGuarded("message", "again")).to.equal("alice: again");
  });

  it("waits before it reconnects when the server shuts down", async () => {
    const served = await chat();
    const { client } = openGuardClient(served, { getToken: () => served.token() });
    await emitted(client, "session");
    const ended = emitted<SessionEnded>(client, "ended");
    await served.guarded.close();
    expect(await ended).to.have.nested.property("denial.code", "server_closing");
    expect((await ended).reconnectIn).to.be.within(500, 1_000);
  });

  it("renews its session again and again on one connection", async () => {
    const served = await chat();
    let tokens = 0;
    const { client, time, socket } = openGuardClient(served, { getToken: () => { tokens += 1; return served.token({ nth: tokens }); } });
    let { expiresIn } = await emitted<{ expiresIn: number }>(client, "session");
    const { id } = socket;
    for (let nth = 2; nth <= 4; nth += 1) {
      const renewed = emitted<{ expiresIn: number }>(client, "session");
      const later = Math.ceil(expiresIn * 0.75);
      served.clock.ahead += later;
      time.advance(later);
      ({ expiresIn } = await renewed);
      expect(served.guarded.session(served.io.sockets.sockets.get(id!)!)!.claims["nth"]).to.equal(nth);
    }
    expect([socket.id, tokens]).to.deep.equal([id, 4]);
  });

  it("logs different users in and out on one connection if the server accepts guests", async () => {
    const strict = await chat();
    const open = await chat({ authenticate: [strict.tokens, anonymous()] });
    const { client, socket } = openGuardClient(open, { getToken: () => null });
    await emitted(client, "session");
    const { id } = socket;
    for (const sub of ["alice", "bob"]) {
      await client.login(strict.token({ sub }));
      expect(await client.emitGuarded("message", "hello")).to.equal(`${sub}: hello`);
      await client.logout();
      expect(open.guarded.session(open.io.sockets.sockets.get(id!)!)!.subject).to.equal(undefined);
    }
    expect(socket.id).to.equal(id);
  });

  it("makes a guest the user that the backend has signed, on the open connection", async () => {
    const signs = signer({ key: "chat", secret: "a secret of at least twenty bytes" });
    const served = await chat({ authenticate: anonymous(), signer: signs });
    const { client, socket } = openGuardClient(served, { getToken: () => null });
    const guest = await emitted<SessionNotice>(client, "session");
    expect(guest.subject).to.equal(null);

    const renewed = emitted<SessionNotice>(client, "session");
    const signed = signs.authenticateUser(guest.signingId!, { id: "alice" });
    expect(await client.signIn(signed)).to.deep.equal({ user: { id: "alice" } });
    expect((await renewed).subject).to.equal("alice");
    expect(await client.emitGuarded("message", "hello")).to.equal("alice: hello");

    const error = await client.signIn({ ...signed, auth: "chat:forged" }).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(DenialError).and.include({ code: "signature_invalid" });
    expect(socket.connected).to.equal(true);
  });

  it("can tell a guest from a user whose session has no end", async () => {
    const store = memoryStore();
    const { key } = await apiKeys(store).create({ name: "a bot", subject: "bot" });
    const served = await chat({ authenticate: [apiKey({ store }), anonymous()] as never });
    const bot = openGuardClient(served, { getToken: () => null, socket: { auth: { apiKey: key } } });
    const guest = openGuardClient(served, { getToken: () => null });
    expect(await emitted(bot.client, "session")).to.deep.equal({ subject: "bot", expiresIn: null, expiresAt: null });
    expect(await emitted(guest.client, "session")).to.deep.equal({ subject: null, expiresIn: null, expiresAt: null });
  });

  it("rejects a login as another user without a logout, and keeps the session", async () => {
    const served = await chat();
    const { client } = openGuardClient(served, { getToken: () => served.token() });
    await emitted(client, "session");
    const error = await client.login(served.token({ sub: "bob" })).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(DenialError).and.include({ code: "credential_invalid" });
    expect(await client.emitGuarded("message", "hello")).to.equal("alice: hello");

    await client.logout();
    await client.login(served.token({ sub: "bob" }));
    expect(await client.emitGuarded("message", "hello")).to.equal("bob: hello");
  });

  it("disconnects at logout if the server accepts no guests", async () => {
    const served = await chat();
    const { client, socket } = openGuardClient(served, { getToken: () => served.token() });
    await emitted(client, "session");
    await client.logout();
    expect(socket.connected).to.equal(false);
    await client.login();
    expect(socket.connected).to.equal(true);
  });

  it("does not reconnect after its user was revoked, until login() is called with a newer token", async () => {
    const served = await chat();
    const { client, socket } = openGuardClient(served, { getToken: () => served.token() });
    await emitted(client, "session");
    const ended = emitted<SessionEnded>(client, "ended");
    await served.guarded.revoke({ subject: "alice" });
    expect(await ended).to.deep.include({ reconnectIn: null }).and.have.nested.property("denial.code", "token_revoked");
    served.clock.ahead += 5;
    await client.login();
    expect(socket.connected).to.equal(true);
  });
});
