import { expect } from "chai";
import { anonymous, anyone, deny, signedIn } from "../../../lib/index.js";
import { DenialError, type Ended } from "../../../lib/client/index.js";
import { closeEverything, serve, type Served } from "../../support/server.js";
import { guardedClient, told } from "./support.js";

const events = { hello: anyone, message: signedIn, secret: () => deny("Not today.", { retryAfter: 5_000 }) };

async function chat(more: Parameters<typeof serve>[0] = {}): Promise<Served> {
  const served = await serve({ events, ...more });
  served.io.on("connection", (socket) => {
    socket.on("message", (text: string, answer: (said: string) => void) => answer(`${(socket.data as { user: { sub: string } }).user.sub}: ${text}`));
  });
  return served;
}

describe("a guarded client of a guarded server", () => {
  afterEach(closeEverything);

  it("connects with its token, and is answered", async () => {
    const served = await chat();
    const { guarded } = guardedClient(served, { getToken: () => served.token() });
    expect(await told<{ expiresIn: number }>(guarded, "session")).to.have.property("expiresIn").within(3_500_000, 3_600_000);
    expect(await guarded.emitGuarded("message", "hello")).to.equal("alice: hello");
  });

  it("rejects with the denial of an event, and hears of one without an ack", async () => {
    const served = await chat();
    const { guarded, client } = guardedClient(served, { getToken: () => served.token() });
    const error = await guarded.emitGuarded("secret").catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(DenialError).and.include({ code: "forbidden", message: "Not today." });
    expect((error as DenialError).denial).to.include({ event: "secret", retryAfter: 5_000 });
    const denied = told(guarded, "denied");
    client.emit("secret");
    expect(await denied).to.include({ code: "forbidden", event: "secret" });
  });

  it("stays away when its token is not one, and comes back with login()", async () => {
    const served = await chat();
    const { guarded, client } = guardedClient(served, { getToken: () => "no token" });
    expect(await told<Ended>(guarded, "ended")).to.deep.include({ reconnectIn: null }).and.have.nested.property("denial.code", "token_malformed");
    await guarded.login(served.token());
    expect(client.connected).to.equal(true);
  });

  it("stays away as a guest where guests are not let in, and is one where they are", async () => {
    const strict = await chat();
    const stranger = guardedClient(strict, { getToken: () => null });
    expect(await told<Ended>(stranger.guarded, "ended")).to.include({ reconnectIn: null });
    const open = await chat({ authenticate: [strict.tokens, anonymous()] });
    const guest = guardedClient(open, { getToken: () => null });
    expect(await told(guest.guarded, "session")).to.deep.equal({ subject: null, expiresIn: null, expiresAt: null });
  });

  it("hears, as a guest, that an event needs a user, and comes back", async () => {
    const served = await chat();
    const open = await chat({ authenticate: [served.tokens, anonymous()] });
    const { guarded, time, client } = guardedClient(open, { getToken: () => null });
    await told(guarded, "session");
    const ended = told<Ended>(guarded, "ended");
    expect(await guarded.emitGuarded("message", "hello").catch((error: unknown) => error)).to.include({ code: "token_missing" });
    time.advance((await ended).reconnectIn!);
    await told(guarded, "session");
    expect(client.connected).to.equal(true);
  });

  it("comes back with another token when its session ends", async () => {
    const served = await chat();
    const { guarded, time, client } = guardedClient(served, { getToken: () => served.token() });
    await told(guarded, "session");
    const ended = told<Ended>(guarded, "ended");
    served.clock.ahead += 3_600_000;
    const { denial, reconnectIn } = await ended;
    expect(denial!.code).to.equal("token_expired");
    time.advance(reconnectIn!);
    await told(guarded, "session");
    expect(client.connected).to.equal(true);
    expect(await guarded.emitGuarded("message", "again")).to.equal("alice: again");
  });

  it("waits when the server closes", async () => {
    const served = await chat();
    const { guarded } = guardedClient(served, { getToken: () => served.token() });
    await told(guarded, "session");
    const ended = told<Ended>(guarded, "ended");
    await served.guarded.close();
    expect(await ended).to.have.nested.property("denial.code", "server_closing");
    expect((await ended).reconnectIn).to.be.within(500, 1_000);
  });

  it("has its session renewed in place before it ends, three times over, on one connection", async () => {
    const served = await chat();
    let tokens = 0;
    const { guarded, time, client } = guardedClient(served, { getToken: () => { tokens += 1; return served.token({ nth: tokens }); } });
    let { expiresIn } = await told<{ expiresIn: number }>(guarded, "session");
    const { id } = client;
    for (let nth = 2; nth <= 4; nth += 1) {
      const renewed = told<{ expiresIn: number }>(guarded, "session");
      const later = Math.ceil(expiresIn * 0.75);
      served.clock.ahead += later;
      time.advance(later);
      ({ expiresIn } = await renewed);
      expect(served.guarded.session(served.io.sockets.sockets.get(id!)!)!.claims["nth"]).to.equal(nth);
    }
    expect([client.id, tokens]).to.deep.equal([id, 4]);
  });

  it("signs in and out and in again, as whomever, on one connection where guests are let in", async () => {
    const strict = await chat();
    const open = await chat({ authenticate: [strict.tokens, anonymous()] });
    const { guarded, client } = guardedClient(open, { getToken: () => null });
    await told(guarded, "session");
    const { id } = client;
    for (const sub of ["alice", "bob"]) {
      await guarded.login(strict.token({ sub }));
      expect(await guarded.emitGuarded("message", "hello")).to.equal(`${sub}: hello`);
      await guarded.logout();
      expect(open.guarded.session(open.io.sockets.sockets.get(id!)!)!.subject).to.equal(undefined);
    }
    expect(client.id).to.equal(id);
  });

  it("disconnects at logout where there are no guests", async () => {
    const served = await chat();
    const { guarded, client } = guardedClient(served, { getToken: () => served.token() });
    await told(guarded, "session");
    await guarded.logout();
    expect(client.connected).to.equal(false);
    await guarded.login();
    expect(client.connected).to.equal(true);
  });

  it("is away for good when its user was revoked, and comes back with login() and a newer token", async () => {
    const served = await chat();
    const { guarded, client } = guardedClient(served, { getToken: () => served.token() });
    await told(guarded, "session");
    const ended = told<Ended>(guarded, "ended");
    await served.guarded.revoke({ subject: "alice" });
    expect(await ended).to.deep.include({ reconnectIn: null }).and.have.nested.property("denial.code", "token_revoked");
    served.clock.ahead += 5;
    await guarded.login();
    expect(client.connected).to.equal(true);
  });
});
