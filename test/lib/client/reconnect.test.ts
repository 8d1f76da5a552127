import { expect } from "chai";
import { denial, type Denial } from "../../../lib/protocol.js";
import { closeEverything, closeLater, event, nextTurn } from "../../support/server.js";
import { guardClient, type SessionEnded } from "../../../lib/client/index.js";
import { TestTime, openGuardClient, emitted, unknownDenial, wireServer } from "./support.js";

const anHour = 3_600_000;

describe("a guard client whose session has ended", () => {
  afterEach(closeEverything);

  it("reconnects at once with another token if the denial advises refresh", async () => {
    const server = await wireServer();
    const { client, time } = openGuardClient(server);
    await emitted(client, "session");
    const ended = emitted<SessionEnded>(client, "ended");
    server.end(denial("token_expired"));
    const { denial: why, reconnectIn } = await ended;
    expect(why!.code).to.equal("token_expired");
    expect(reconnectIn).to.be.within(50, 100);
    time.advance(reconnectIn!);
    await emitted(client, "session");
    expect(server.connects.map(({ token }) => token)).to.deep.equal(["token 1", "token 2"]);
  });

  it("reconnects at once also if the handshake was refused", async () => {
    const server = await wireServer(({ token }) => (token === "token 1" ? denial("token_expired") : anHour));
    const { client, time } = openGuardClient(server);
    time.advance((await emitted<SessionEnded>(client, "ended")).reconnectIn!);
    await emitted(client, "session");
    expect(server.connects).to.have.lengthOf(2);
  });

  it("backs off while getToken returns the same expired token", async () => {
    const server = await wireServer(() => denial("token_expired"));
    const { client, time } = openGuardClient(server, { getToken: () => "always the same" });
    const waits: number[] = [];
    while (waits.length < 9) {
      const { reconnectIn } = await emitted<SessionEnded>(client, "ended");
      waits.push(reconnectIn!);
      time.advance(reconnectIn!);
    }
    expect(waits).to.deep.equal([50, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000, 15_000]);
  });

  it("backs off after the second end in a row, unless the session lasted for a while", async () => {
    const server = await wireServer();
    const { client, time } = openGuardClient(server);
    const waits: number[] = [];
    for (const lasts of [0, 9_000, 10_000, 0]) {
      await emitted(client, "session");
      time.advance(lasts);
      const ended = emitted<SessionEnded>(client, "ended");
      server.end(denial("token_expired"));
      const { reconnectIn } = await ended;
      waits.push(reconnectIn!);
      time.advance(reconnectIn!);
    }
    await emitted(client, "session");
    expect(waits).to.deep.equal([50, 1_000, 50, 1_000]);
  });

  it("backs off with random delays if the denial advises later", async () => {
    const server = await wireServer();
    const { client, time, socket } = openGuardClient(server);
    await emitted(client, "session");
    time.chance = 1;
    server.judge = () => denial("unavailable");
    server.end(denial("server_closing"));
    const waits: number[] = [];
    while (waits.length < 7) {
      const { reconnectIn } = await emitted<SessionEnded>(client, "ended");
      waits.push(reconnectIn!);
      time.advance(reconnectIn! - 1);
      expect(socket.active).to.equal(false);
      time.advance(1);
    }
    expect(waits).to.deep.equal([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it("does not reconnect before retryAfter has passed", async () => {
    const server = await wireServer(() => denial("rate_limited", { retryAfter: 120_000 }));
    const { client } = openGuardClient(server);
    expect((await emitted<SessionEnded>(client, "ended")).reconnectIn).to.be.within(120_500, 121_000);
  });

  it("waits for months if retryAfter says so, without overflowing a timer", async () => {
    const months = 2 ** 32;
    const server = await wireServer(() => denial("unavailable", { retryAfter: months }));
    const { client, time, socket } = openGuardClient(server);
    await emitted(client, "ended");
    expect(Math.max(...[...time.timers.values()].map(({ wait }) => wait))).to.be.below(2 ** 31);
    time.sleep(months - 60_000);
    time.advance(30_000);
    expect(socket.active).to.equal(false);
    time.advance(31_000);
    expect(socket.active).to.equal(true);
  });

  const never: Denial[] = [denial("token_revoked"), denial("forbidden"), unknownDenial, { ...denial("token_expired"), reconnect: "tomorrow" as never }];
  for (const reason of never) {
    it(`does not reconnect until login() after ${reason.code} with the advice ${reason.reconnect ?? "(none)"}`, async () => {
      const server = await wireServer();
      const { client, time, socket, asked } = openGuardClient(server);
      await emitted(client, "session");
      const ended = emitted<SessionEnded>(client, "ended");
      server.end(reason);
      expect(await ended).to.deep.equal({ denial: reason, reconnectIn: null });
      time.advance(24 * anHour);
      await nextTurn();
      expect([socket.active, asked(), server.connects.length, time.timers.size]).to.deep.equal([false, 1, 1, 0]);
      await client.login();
      expect(server.connects).to.deep.equal([{ token: "token 1" }, { token: "token 2" }]);
    });
  }

  it("does not reconnect although the transport was lost right after guard:bye", async () => {
    const server = await wireServer();
    const { client, socket } = openGuardClient(server);
    await emitted(client, "session");
    server.io.emit("guard:bye", denial("token_revoked"));
    await event(socket, "guard:bye");
    const ended = emitted(client, "ended");
    server.breakTransports();
    await ended;
    expect(socket.active).to.equal(false);
    expect(server.connects).to.have.lengthOf(1);
  });

  it("does not reconnect as a guest that the server has refused", async () => {
    const server = await wireServer();
    const { client, time, socket } = openGuardClient(server, { getToken: () => null });
    expect(await emitted<SessionEnded>(client, "ended")).to.deep.equal({ denial: denial("token_missing"), reconnectIn: null });
    expect([socket.active, time.timers.size]).to.deep.equal([false, 0]);
  });

  it("reconnects as a guest that was disconnected because of one event", async () => {
    const server = await wireServer(() => null);
    const { client, time } = openGuardClient(server, { getToken: () => null });
    await emitted(client, "session");
    const ended = emitted<SessionEnded>(client, "ended");
    server.end(denial("token_missing"));
    time.advance((await ended).reconnectIn!);
    await emitted(client, "session");
    expect(server.connects).to.deep.equal([{}, {}]);
  });

  it("does not reconnect after the app on the server disconnected or refused it", async () => {
    const server = await wireServer();
    const { client, socket } = openGuardClient(server);
    await emitted(client, "session");
    let ended = emitted(client, "ended");
    server.io.disconnectSockets(true);
    expect(await ended).to.deep.equal({ denial: null, reconnectIn: null });
    server.io.use((_socket, next) => next(new Error("The app's own reason.")));
    ended = emitted(client, "ended");
    socket.connect();
    expect(await ended).to.deep.equal({ denial: null, reconnectIn: null });
    expect(socket.active).to.equal(false);
  });

  it("does not reconnect if reconnection is off, or if the app disconnected the socket", async () => {
    const server = await wireServer();
    const still = openGuardClient(server, { socket: { reconnection: false } });
    const own = openGuardClient(server);
    await Promise.all([emitted(still.client, "session"), emitted(own.client, "session")]);
    own.socket.once("guard:bye", () => void own.socket.disconnect());
    const ended = emitted(still.client, "ended");
    const left = event(own.socket, "disconnect");
    server.end(denial("token_expired"));
    expect(await ended).to.include({ reconnectIn: null });
    expect(await left).to.equal("io client disconnect");
    expect(own.time.timers.size).to.equal(0);
  });

  it("leaves lost transports to socket.io-client", async () => {
    const server = await wireServer();
    const { client, ended, socket } = openGuardClient(server);
    await emitted(client, "session");
    server.breakTransports();
    expect(await event(socket, "disconnect")).to.equal("transport close");
    await emitted(client, "session");
    expect(ended).to.deep.equal([]);
  });

  it("reconnects each socket of a connection, with one session each", async () => {
    const server = await wireServer();
    const { client, socket, time } = openGuardClient(server);
    const other = socket.io.socket("/other");
    const otherTime = new TestTime();
    const otherGuarded = guardClient(other, { getToken: () => "other", time: otherTime });
    closeLater(() => otherGuarded.close());
    await Promise.all([emitted(client, "session"), emitted(otherGuarded, "session")]);
    const ended = Promise.all([emitted<SessionEnded>(client, "ended"), emitted<SessionEnded>(otherGuarded, "ended")]);
    server.end(denial("token_expired"));
    await ended;
    const back = Promise.all([emitted(client, "session"), emitted(otherGuarded, "session")]);
    time.advance(100);
    otherTime.advance(100);
    await back;
    expect([server.io.of("/").sockets.size, server.io.of("/other").sockets.size]).to.deep.equal([1, 1]);
    expect(socket.io.engine.id).to.equal(other.io.engine.id);
  });

  it("does not reconnect a second time after the app has reconnected the socket", async () => {
    const server = await wireServer();
    const { client, socket, time } = openGuardClient(server);
    await emitted(client, "session");
    const ended = emitted(client, "ended");
    server.end(denial("server_closing"));
    await ended;
    socket.connect();
    await emitted(client, "session");
    time.advance(60_000);
    expect(server.connects).to.have.lengthOf(2);
  });
});
