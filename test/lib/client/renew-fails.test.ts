// What a client does when a renewal fails, is denied, or is cut off.
import { expect } from "chai";
import { denial } from "../../../lib/protocol.js";
import { closeEverything, event, nextTurn, signal } from "../../support/server.js";
import { guardedClient, told, wireServer } from "./support.js";

const minute = 60_000;

describe("a guarded client whose renewal fails", () => {
  afterEach(closeEverything);

  it("tries again while getToken fails, as long as the session lives", async () => {
    const server = await wireServer();
    let works = true;
    const { guarded, time, asked } = guardedClient(server, { getToken: () => {
      if (!works) throw new Error("The network is down.");
      return "token";
    } });
    await told(guarded, "session");
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

  it("gives up when it is over: the server says what then", async () => {
    const server = await wireServer();
    let works = true;
    const { guarded, time, asked } = guardedClient(server, { getToken: () => {
      if (!works) throw new Error("The network is down.");
      return "token";
    } });
    await told(guarded, "session");
    works = false;
    for (let step = 0; step < 61 * 60; step += 1) {
      time.advance(1_000);
      await nextTurn();
    }
    const count = asked();
    expect(count).to.be.within(50, 80);
    expect(time.timers.size).to.equal(0);
  });

  it("tries again when the server cannot verify now, no sooner than it says", async () => {
    const server = await wireServer();
    server.judgeRefresh = () => denial("unavailable", { retryAfter: 10_000 });
    const { guarded, time, client } = guardedClient(server);
    await told(guarded, "session");
    time.advance(45 * minute);
    await server.seen("refreshes", 1);
    // The answer was read when a later one is.
    await client.emitWithAck("ask");
    time.advance(10_499);
    await client.emitWithAck("ask");
    expect(server.refreshes).to.have.lengthOf(1);
    server.judgeRefresh = undefined;
    const renewed = told(guarded, "session");
    time.advance(1);
    await renewed;
  });

  it("tells a renewal that was denied for good, and goes on with what it has", async () => {
    const server = await wireServer();
    server.judgeRefresh = () => denial("token_invalid");
    const { guarded, time, client } = guardedClient(server);
    await told(guarded, "session");
    const denied = told(guarded, "denied");
    time.advance(45 * minute);
    expect(await denied).to.deep.equal(denial("token_invalid"));
    expect([client.connected, time.timers.size]).to.deep.equal([true, 0]);
  });

  it("ends for good when the token is another user's", async () => {
    const server = await wireServer();
    server.judgeRefresh = () => denial("subject_changed");
    const { guarded, time, client } = guardedClient(server);
    await told(guarded, "session");
    const ended = told(guarded, "ended");
    time.advance(45 * minute);
    expect(await ended).to.deep.equal({ denial: denial("subject_changed"), reconnectIn: null });
    expect(client.active).to.equal(false);
  });

  it("sends no renewal of a connection that broke to the next one", async () => {
    const server = await wireServer();
    const slow = signal<string>();
    let asked = 0;
    const { guarded, time, client } = guardedClient(server, { getToken: () => ((asked += 1) === 2 ? slow.promise : `token ${asked}`) });
    await told(guarded, "session");
    time.advance(45 * minute);
    await nextTurn();
    server.breakTransports();
    await event(client, "disconnect");
    slow.settle("late");
    await told(guarded, "session");
    await client.emitWithAck("ask");
    expect(server.refreshes).to.deep.equal([]);
  });

  it("nor one that was kept back because the transport was dead", async () => {
    const server = await wireServer();
    const { guarded, time, client } = guardedClient(server);
    await told(guarded, "session");
    // What socket.io-client finds when the machine slept over its pings: it keeps what is sent for the next connection.
    (client.io.engine as unknown as { _hasPingExpired: () => boolean })._hasPingExpired = () => true;
    time.advance(45 * minute);
    while (client.sendBuffer.length === 0) await nextTurn();
    client.io.engine.close();
    await told(guarded, "session");
    await client.emitWithAck("ask");
    expect([server.refreshes.length, server.connects.length]).to.deep.equal([0, 2]);
  });

  it("nor one whose answer the connection's end swallowed", async () => {
    const server = await wireServer();
    server.judgeRefresh = () => "silence";
    const { guarded, time, client } = guardedClient(server);
    await told(guarded, "session");
    time.advance(45 * minute);
    await server.seen("refreshes", 1);
    server.breakTransports();
    await told(guarded, "session");
    await client.emitWithAck("ask");
    expect([server.refreshes.length, server.connects.length]).to.deep.equal([1, 2]);
    time.advance(44 * minute);
    await client.emitWithAck("ask");
    expect(server.refreshes).to.have.lengthOf(1);
  });
});
