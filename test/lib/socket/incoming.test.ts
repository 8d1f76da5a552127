// One connection sends thousands of packets at once: other connections are served in between, and nothing is lost or reordered.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anyone } from "../../../lib/index.js";
import { Polling } from "../../support/polling.js";
import { closeEverything, closeLater, event, nextTurn, serve, type Served, type ServerSocket } from "../../support/server.js";

const count = 400;
const numbers = Array.from({ length: count }, (_, nth) => nth);
const flood = numbers.map((nth) => `42["work",${nth}]`);
const events = { work: anyone, hello: anyone, ask: anyone } as never;

interface Worker {
  readonly handled: number[];
  /** Settles when the first event was handled. */
  readonly begun: Promise<unknown>;
  readonly left: Promise<unknown>;
}

/** A handler that takes a tenth of a millisecond: all events together take far longer than a turn may. */
function work(socket: ServerSocket): Worker {
  const handled: number[] = [];
  const begun = event(socket, "work");
  socket.on("work", (nth: number) => {
    handled.push(nth);
    const end = performance.now() + 0.1;
    while (performance.now() < end) { /* works */ }
  });
  return { handled, begun, left: event(socket, "disconnect") };
}

interface Flooding extends Worker {
  readonly served: Served;
  readonly socket: ServerSocket;
  /** In one POST, or in one write. */
  readonly send: (...packets: string[]) => unknown;
  /** As a client does that leaves the page: without DISCONNECT. */
  readonly leave: () => void;
}

async function overPolling(before: readonly string[] = []): Promise<Flooding> {
  const served = await serve({ events });
  const connecting = event<ServerSocket>(served.io, "connection");
  const polling = await Polling.connect(served.address, { token: served.token() });
  closeLater(() => polling.close());
  const socket = await connecting;
  void polling.listen();
  return { served, socket, ...work(socket), send: (...packets) => polling.post(...before, ...packets), leave: () => polling.abort() };
}

/** So many packets in one POST are not decoded at once. */
const inLargePosts = () => overPolling(Array<string>(2_048).fill("6"));

async function overWebsocket(): Promise<Flooding> {
  const served = await serve({ events });
  const { raw, socket } = await served.rawMember();
  return { served, socket, ...work(socket), send: (...packets) => raw.send(...packets), leave: () => raw.close() };
}

for (const [transport, open] of [["polling", () => overPolling()], ["polling, in large POSTs", inLargePosts], ["a websocket", overWebsocket]] as const) {
  describe(`a flood of events over ${transport}`, () => {
    afterEach(closeEverything);

    it("lets other connections be served in between", async () => {
      const { served, handled, begun, send } = await open();
      const { client, socket } = await served.member();
      let handledBefore = -1;
      socket.on("hello", () => { handledBefore = handled.length; });
      void begun.then(() => client.emit("hello"));
      send(...flood);
      while (handled.length < count) await nextTurn();
      expect(handledBefore).to.be.within(0, count - 1);
    });

    it("is handled in order, and what comes later after it", async () => {
      const { socket, handled, begun, send } = await open();
      const asked = event(socket, "ask");
      send(...flood);
      await begun;
      send('42["ask"]');
      await asked;
      expect(handled).to.deep.equal(numbers);
    });

    it("is handled before a DISCONNECT that follows it", async () => {
      const { handled, left, send } = await open();
      send(...flood, "41");
      expect(await left).to.equal("client namespace disconnect");
      expect(handled).to.deep.equal(numbers);
    });

    it("is handled before the socket is told that its client has left", async () => {
      const { handled, begun, left, send, leave } = await open();
      send(...flood);
      await begun;
      leave();
      expect(await left).to.be.oneOf(["transport close", "transport error"]);
      expect(handled).to.deep.equal(numbers);
    });

    it("ends with the connection when the server closes it", async () => {
      const { socket, handled, left, send } = await open();
      socket.on("work", (nth: number) => {
        if (nth === 200) socket.disconnect(true);
      });
      send(...flood);
      expect(await left).to.equal("server namespace disconnect");
      for (let turn = 0; turn < 20; turn += 1) await nextTurn();
      expect(handled).to.deep.equal(numbers.slice(0, 201));
    });

    it("ends with the session", async () => {
      const { served, socket, handled, left, send } = await open();
      socket.on("work", (nth: number) => {
        if (nth === 200) served.guarded.disconnectUser("alice");
      });
      send(...flood);
      await left;
      expect(handled).to.deep.equal(numbers.slice(0, 201));
    });

    it("is no reason to keep anything afterwards: the next events are handled as ever", async () => {
      const { socket, handled, send } = await open();
      send(...flood);
      while (handled.length < count) await nextTurn();
      const asked = event(socket, "ask");
      send('42["ask"]');
      await asked;
      send(...flood);
      while (handled.length < 2 * count) await nextTurn();
      expect(handled).to.deep.equal([...numbers, ...numbers]);
    });
  });
}

describe("a flood of events", () => {
  afterEach(closeEverything);

  it("keeps the next POST of its connection waiting, so that no more than one waits in memory", async () => {
    const { handled, begun, send } = await overPolling();
    let isAnswered = false;
    void send(...flood);
    await begun;
    const second = Promise.resolve(send(...flood)).then(() => { isAnswered = true; });
    while (handled.length < count) {
      expect(isAnswered).to.equal(false);
      await nextTurn();
    }
    await second;
  });

  it("keeps its websocket from being read", async () => {
    const { socket, begun, handled, send } = await overWebsocket();
    const { transport } = socket.conn as unknown as { transport: { socket: { isPaused: boolean } } };
    send(...flood);
    await begun;
    await nextTurn();
    expect(transport.socket.isPaused).to.equal(true);
    while (handled.length < count) await nextTurn();
    await nextTurn();
    expect(transport.socket.isPaused).to.equal(false);
  });

  it("keeps the websocket from being read to which its connection is upgraded meanwhile", async () => {
    const served = await serve({ events });
    const connecting = event<ServerSocket>(served.io, "connection");
    const polling = await Polling.connect(served.address, { token: served.token() });
    closeLater(() => polling.close());
    const socket = await connecting;
    const { handled, begun } = work(socket);
    void polling.listen();
    await polling.probe();
    const upgraded = event(socket.conn, "upgrade");
    void polling.post(...flood);
    await begun;
    polling.upgrade('42["hello"]', '42["ask"]');
    const asked = event(socket, "ask");
    await upgraded;
    const { transport } = socket.conn as unknown as { transport: { socket: { isPaused: boolean } } };
    while (!transport.socket.isPaused && handled.length < count) await nextTurn();
    expect(handled.length).to.be.below(count);
    await asked;
    expect(handled).to.deep.equal(numbers);
    while (transport.socket.isPaused) await nextTurn();
  });

  it("of many connections takes turns", async () => {
    const first = await overWebsocket();
    const second = await first.served.rawMember();
    const other = work(second.socket);
    let isServed = false;
    void other.begun.then(() => { isServed = first.handled.length < count; });
    first.send(...flood);
    second.raw.send(...flood);
    while (first.handled.length < count || other.handled.length < count) await nextTurn();
    expect(isServed).to.equal(true);
  });
});
