// What a client does if a renewal fails, is denied or is interrupted.
import { expect } from "chai";
import { denial } from "../../../lib/protocol.js";
import { closeEverything, event, nextTurn, signal } from "../../support/server.js";
import { openGuardClient, emitted, wireServer } from "./support.js";

const minute = 60_000;

describe("a guard client whose renewal fails", () => {
  afterEach(closeEverything);

  it("retries while getToken fails, as long as the session lasts", async () => {
    const server = await wireServer();
    let works = true;
    const { client, time, asked } = openGuardClient(server, { getToken: () => {
      if (!works) throw new Error("The network is down.");
      return "token";
    } });
    await emitted(client, "session");
    works = false;
    time.advance(45 * minute);
    for (const wait of [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]) {
      await nextTurn();
      const before = asked();
      time.advance(wait - 1);
      await nextTurn();
      expect(asked()).to.equal(before);
      time.advance(1);
      await nextTurn();
      expect(asked()).to.equal(before + 1);
    }
    works = true;
    time.advance(15_000);
    await server.seen("refreshes", 1);
  });

  it("stops retrying when the session is over", async () => {
    const server = await wireServer();
    let works = true;
    const { client, time, asked } = openGuardClient(server, { getToken: () => {
      if (!works) throw new Error("The network is down.");
      return "token";
    } });
    await emitted(client, "session");
    works = false;
    for (let step = 0; step < 61 * 60; step += 1) {
      time.advance(1_000);
      await nextTurn();
    }
    const count = asked();
    expect(count).to.be.within(50, 80);
    expect(time.timers.size).to.equal(0);
  });

  it("retries after retryAfter if the server cannot verify the token right now", async () => {
    const server = await wireServer();
    server.judgeRefresh = () => denial("unavailable", { retryAfter: 10_000 });
    const { client, time, socket } = openGuardClient(server);
    await emitted(client, "session");
    time.advance(45 * minute);
    await server.seen("refreshes", 1);
    // This answer comes after the one to the renewal.
    await socket.emitWithAck("ask");
    await nextTurn();
    time.advance(10_499);
    await socket.emitWithAck("ask");
    expect(server.refreshes).to.have.lengthOf(1);
    server.judgeRefresh = undefined;
    const renewed = emitted(client, "session");
    time.advance(1);
    await renewed;
  });

  it("emits denied if the renewal was denied for good, and keeps the session", async () => {
    const server = await wireServer();
    server.judgeRefresh = () => denial("token_invalid");
    const { client, time, socket } = openGuardClient(server);
    await emitted(client, "session");
    const denied = emitted(client, "denied");
    time.advance(45 * minute);
    expect(await denied).to.deep.equal(denial("token_invalid"));
    expect([socket.connected, time.timers.size]).to.deep.equal([true, 0]);
  });

  it("ends for good if the server ends the session because of the renewal", async () => {
    const server = await wireServer();
    server.judgeRefresh = () => denial("subject_changed");
    const { client, time, socket } = openGuardClient(server);
    await emitted(client, "session");
    const ended = emitted(client, "ended");
    time.advance(45 * minute);
    expect(await ended).to.deep.equal({ denial: denial("subject_changed"), reconnectIn: null });
    expect(socket.active).to.equal(false);
  });

  it("does not send a renewal that began on a lost connection to the next one", async () => {
    const server = await wireServer();
    const slow = signal<string>();
    let asked = 0;
    const { client, time, socket } = openGuardClient(server, { getToken: () => ((asked += 1) === 2 ? slow.promise : `token ${asked}`) });
    await emitted(client, "session");
    time.advance(45 * minute);
    await nextTurn();
    server.breakTransports();
    await event(socket, "disconnect");
    slow.settle("late");
    await emitted(client, "session");
    await socket.emitWithAck("ask");
    expect(server.refreshes).to.deep.equal([]);
  });

  it("does not send a renewal that was buffered while the transport was dead", async () => {
    const server = await wireServer();
    const { client, time, socket } = openGuardClient(server);
    await emitted(client, "session");
    // socket.io-client finds this after a sleep in which it missed pings. It then buffers what is sent for the next connection.
    (socket.io.engine as unknown as { _hasPingExpired: () => boolean })._hasPingExpired = () => true;
    time.advance(45 * minute);
    while (socket.sendBuffer.length === 0) await nextTurn();
    socket.io.engine.close();
    await emitted(client, "session");
    await socket.emitWithAck("ask");
    expect([server.refreshes.length, server.connects.length]).to.deep.equal([0, 2]);
  });

  it("does not repeat a renewal whose answer was lost with the connection", async () => {
    const server = await wireServer();
    server.judgeRefresh = () => "silence";
    const { client, time, socket } = openGuardClient(server);
    await emitted(client, "session");
    time.advance(45 * minute);
    await server.seen("refreshes", 1);
    server.breakTransports();
    await emitted(client, "session");
    await socket.emitWithAck("ask");
    expect([server.refreshes.length, server.connects.length]).to.deep.equal([1, 2]);
    time.advance(44 * minute);
    await socket.emitWithAck("ask");
    expect(server.refreshes).to.have.lengthOf(1);
  });
});
