import { expect } from "chai";
import { denial, type Denial } from "../../../lib/protocol.js";
import { closeEverything, closeLater, event, nextTurn } from "../../support/server.js";
import { guardClient, type Ended } from "../../../lib/client/index.js";
import { TestTime, guardedClient, told, unknownDenial, wireServer } from "./support.js";

const anHour = 3_600_000;

describe("a guarded client whose session ended", () => {
  afterEach(closeEverything);

  it("fetches another token and connects at once, if the denial says refresh", async () => {
    const server = await wireServer();
    const { guarded, time } = guardedClient(server);
    await told(guarded, "session");
    const ended = told<Ended>(guarded, "ended");
    server.end(denial("token_expired"));
    const { denial: why, reconnectIn } = await ended;
    expect(why!.code).to.equal("token_expired");
    expect(reconnectIn).to.be.within(50, 100);
    time.advance(reconnectIn!);
    await told(guarded, "session");
    expect(server.connects.map(({ token }) => token)).to.deep.equal(["token 1", "token 2"]);
  });

  it("does so too when the handshake was refused", async () => {
    const server = await wireServer(({ token }) => (token === "token 1" ? denial("token_expired") : anHour));
    const { guarded, time } = guardedClient(server);
    time.advance((await told<Ended>(guarded, "ended")).reconnectIn!);
    await told(guarded, "session");
    expect(server.connects).to.have.lengthOf(2);
  });

  it("is in no tight loop with a token that stays expired", async () => {
    const server = await wireServer(() => denial("token_expired"));
    const { guarded, time } = guardedClient(server, { getToken: () => "always the same" });
    const waits: number[] = [];
    while (waits.length < 9) {
      const { reconnectIn } = await told<Ended>(guarded, "ended");
      waits.push(reconnectIn!);
      time.advance(reconnectIn!);
    }
    expect(waits).to.deep.equal([50, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000, 15_000]);
  });

  it("backs off at the second end in a row, and not after a session that lasted", async () => {
    const server = await wireServer();
    const { guarded, time } = guardedClient(server);
    const waits: number[] = [];
    for (const lasts of [0, 9_000, 10_000, 0]) {
      await told(guarded, "session");
      time.advance(lasts);
      const ended = told<Ended>(guarded, "ended");
      server.end(denial("token_expired"));
      const { reconnectIn } = await ended;
      waits.push(reconnectIn!);
      time.advance(reconnectIn!);
    }
    await told(guarded, "session");
    expect(waits).to.deep.equal([50, 1_000, 50, 1_000]);
  });

  it("backs off, and part of it is chance, if the denial says later", async () => {
    const server = await wireServer();
    const { guarded, time, client } = guardedClient(server);
    await told(guarded, "session");
    time.chance = 1;
    server.judge = () => denial("unavailable");
    server.end(denial("server_closing"));
    const waits: number[] = [];
    while (waits.length < 7) {
      const { reconnectIn } = await told<Ended>(guarded, "ended");
      waits.push(reconnectIn!);
      time.advance(reconnectIn! - 1);
      expect(client.active).to.equal(false);
      time.advance(1);
    }
    expect(waits).to.deep.equal([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it("comes back no sooner than the server says", async () => {
    const server = await wireServer(() => denial("rate_limited", { retryAfter: 120_000 }));
    const { guarded } = guardedClient(server);
    expect((await told<Ended>(guarded, "ended")).reconnectIn).to.be.within(120_500, 121_000);
  });

  it("waits for months where the server says so, and no timer overflows", async () => {
    const months = 2 ** 32;
    const server = await wireServer(() => denial("unavailable", { retryAfter: months }));
    const { guarded, time, client } = guardedClient(server);
    await told(guarded, "ended");
    expect(Math.max(...[...time.timers.values()].map(({ wait }) => wait))).to.be.below(2 ** 31);
    time.sleep(months - 60_000);
    time.advance(30_000);
    expect(client.active).to.equal(false);
    time.advance(31_000);
    expect(client.active).to.equal(true);
  });

  const never: Denial[] = [denial("token_revoked"), denial("forbidden"), unknownDenial, { ...denial("token_expired"), reconnect: "tomorrow" as never }];
  for (const reason of never) {
    it(`stays away until login() after ${reason.code} with the advice ${reason.reconnect ?? "of none"}`, async () => {
      const server = await wireServer();
      const { guarded, time, client, asked } = guardedClient(server);
      await told(guarded, "session");
      const ended = told<Ended>(guarded, "ended");
      server.end(reason);
      expect(await ended).to.deep.equal({ denial: reason, reconnectIn: null });
      time.advance(24 * anHour);
      await nextTurn();
      expect([client.active, asked(), server.connects.length, time.timers.size]).to.deep.equal([false, 1, 1, 0]);
      await guarded.login();
      expect(server.connects).to.deep.equal([{ token: "token 1" }, { token: "token 2" }]);
    });
  }

  it("stays away although the transport broke between guard:bye and its end", async () => {
    const server = await wireServer();
    const { guarded, client } = guardedClient(server);
    await told(guarded, "session");
    server.io.emit("guard:bye", denial("token_revoked"));
    await event(client, "guard:bye");
    const ended = told(guarded, "ended");
    server.breakTransports();
    await ended;
    expect(client.active).to.equal(false);
    expect(server.connects).to.have.lengthOf(1);
  });

  it("stays away when a guest was sent to sign in", async () => {
    const server = await wireServer();
    const { guarded, time, client } = guardedClient(server, { getToken: () => null });
    expect(await told<Ended>(guarded, "ended")).to.deep.equal({ denial: denial("token_missing"), reconnectIn: null });
    expect([client.active, time.timers.size]).to.deep.equal([false, 0]);
  });

  it("comes back as a guest when a guest was sent away for one event", async () => {
    const server = await wireServer(() => null);
    const { guarded, time } = guardedClient(server, { getToken: () => null });
    await told(guarded, "session");
    const ended = told<Ended>(guarded, "ended");
    server.end(denial("token_missing"));
    time.advance((await ended).reconnectIn!);
    await told(guarded, "session");
    expect(server.connects).to.deep.equal([{}, {}]);
  });

  it("stays away when the host disconnected it without a word of the guard's, or refused it", async () => {
    const server = await wireServer();
    const { guarded, client } = guardedClient(server);
    await told(guarded, "session");
    let ended = told(guarded, "ended");
    server.io.disconnectSockets(true);
    expect(await ended).to.deep.equal({ denial: null, reconnectIn: null });
    server.io.use((_socket, next) => next(new Error("The host's own reason.")));
    ended = told(guarded, "ended");
    client.connect();
    expect(await ended).to.deep.equal({ denial: null, reconnectIn: null });
    expect(client.active).to.equal(false);
  });

  it("stays away if the socket is not to reconnect, or disconnected itself", async () => {
    const server = await wireServer();
    const still = guardedClient(server, { client: { reconnection: false } });
    const own = guardedClient(server);
    await Promise.all([told(still.guarded, "session"), told(own.guarded, "session")]);
    own.client.once("guard:bye", () => void own.client.disconnect());
    const ended = told(still.guarded, "ended");
    const left = event(own.client, "disconnect");
    server.end(denial("token_expired"));
    expect(await ended).to.include({ reconnectIn: null });
    expect(await left).to.equal("io client disconnect");
    expect(own.time.timers.size).to.equal(0);
  });

  it("leaves lost transports to socket.io-client", async () => {
    const server = await wireServer();
    const { guarded, ended, client } = guardedClient(server);
    await told(guarded, "session");
    server.breakTransports();
    expect(await event(client, "disconnect")).to.equal("transport close");
    await told(guarded, "session");
    expect(ended).to.deep.equal([]);
  });

  it("comes back with each socket of a connection, and each has one session", async () => {
    const server = await wireServer();
    const { guarded, client, time } = guardedClient(server);
    const other = client.io.socket("/other");
    const otherTime = new TestTime();
    const otherGuarded = guardClient(other, { getToken: () => "other", time: otherTime });
    closeLater(() => otherGuarded.close());
    await Promise.all([told(guarded, "session"), told(otherGuarded, "session")]);
    const ended = Promise.all([told<Ended>(guarded, "ended"), told<Ended>(otherGuarded, "ended")]);
    server.end(denial("token_expired"));
    await ended;
    const back = Promise.all([told(guarded, "session"), told(otherGuarded, "session")]);
    time.advance(100);
    otherTime.advance(100);
    await back;
    expect([server.io.of("/").sockets.size, server.io.of("/other").sockets.size]).to.deep.equal([1, 1]);
    expect(client.io.engine.id).to.equal(other.io.engine.id);
  });

  it("connects when the app does, and not a second time for itself", async () => {
    const server = await wireServer();
    const { guarded, client, time } = guardedClient(server);
    await told(guarded, "session");
    const ended = told(guarded, "ended");
    server.end(denial("server_closing"));
    await ended;
    client.connect();
    await told(guarded, "session");
    time.advance(60_000);
    expect(server.connects).to.have.lengthOf(2);
  });
});
