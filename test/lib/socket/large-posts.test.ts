// A POST with thousands of packets. See incoming.test.ts for what holds for each flood.
import { AsyncLocalStorage } from "node:async_hooks";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anyone } from "../../../lib/index.js";
import { eventually } from "../../support/eventually.js";
import { jsonp, plain, Polling } from "../../support/polling.js";
import { closeEverything, closeLater, event, nextTurn, serve, type Served, type ServerSocket } from "../../support/server.js";

const count = 9_000;
const numbers = Array.from({ length: count }, (_, nth) => nth);
const flood = numbers.map((nth) => `42["work",${nth}]`);
const events = { work: anyone, hello: anyone } as never;

interface Flooding {
  readonly polling: Polling;
  readonly socket: ServerSocket;
  readonly handled: number[];
  readonly left: Promise<unknown>;
  /** How many packets the engine handed on in each turn of the event loop, without turns that had none. */
  readonly turns: number[];
}

/** A handler that takes a fiftieth of a millisecond: all events together take far longer than what else happens in a test. */
async function opened(served: Served, format = plain): Promise<Flooding> {
  const connecting = event<ServerSocket>(served.io, "connection");
  const polling = await Polling.connect(served.address, { token: served.token() }, format);
  closeLater(() => polling.close());
  const socket = await connecting;
  const handled: number[] = [];
  socket.on("work", (nth: number) => {
    handled.push(nth);
    for (const end = performance.now() + 0.02; performance.now() < end;);
  });
  return { polling, socket, handled, left: event(socket, "disconnect"), turns: packetsByTurn(socket) };
}

function packetsByTurn(socket: ServerSocket): number[] {
  const turns: number[] = [];
  let isSameTurn = false;
  socket.conn.on("packet", () => {
    if (!isSameTurn) {
      turns.push(0);
      setImmediate(() => { isSameTurn = false; });
    }
    isSameTurn = true;
    turns[turns.length - 1]! += 1;
  });
  return turns;
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

describe("a POST with thousands of packets", () => {
  afterEach(closeEverything);

  for (const [sentence, format] of [["a plain body", plain], ["a form, as JSONP sends it", jsonp]] as const) {
    it(`is read in several turns of the event loop, in order: ${sentence}`, async () => {
      const { polling, handled, turns } = await opened(await serve({ events }), format);
      await polling.post(...flood);
      await eventually(() => handled.length === count, "all are handled");
      expect(handled).to.deep.equal(numbers);
      expect(sumOf(turns)).to.equal(count);
      expect(turns.length).to.be.greaterThan(1);
    });
  }

  it("may have other packets between its messages", async () => {
    const { polling, handled } = await opened(await serve({ events }));
    await polling.post(...flood.flatMap((message) => [message, "6", "3"]));
    await eventually(() => handled.length === count, "all are handled");
    expect(handled).to.deep.equal(numbers);
  });

  it("is read to its end if the client upgrades to a websocket meanwhile, and what comes over that is handled after it", async () => {
    const { polling, socket, handled, turns } = await opened(await serve({ events }));
    void polling.listen();
    await polling.probe();
    const upgraded = event(socket.conn, "upgrade");
    const greeted = event(socket, "hello");
    void polling.post(...flood);
    await eventually(() => turns.length > 0, "the first packets are read");
    polling.upgrade('42["hello"]');
    await upgraded;
    expect(handled.length).to.be.below(count);
    await greeted;
    expect(handled).to.deep.equal(numbers);
  });

  it("ends the connection at a packet that is none: what comes before it may be handled, and nothing behind it", async () => {
    const { polling, handled, left } = await opened(await serve({ events }));
    await polling.post(...flood.slice(0, 5_000), "x", ...flood.slice(5_000));
    expect(await left).to.equal("parse error");
    expect(handled).to.deep.equal(numbers.slice(0, handled.length));
    expect(handled.length).to.be.below(5_001);
  });

  it("ends the connection at its close packet", async () => {
    const { polling, handled, left } = await opened(await serve({ events }));
    await polling.post(...flood.slice(0, 5_000), "1", ...flood.slice(5_000));
    expect(await left).to.equal("transport close");
    expect(handled).to.deep.equal(numbers.slice(0, 5_000));
  });

  it("closes the connection if it has no CONNECT, and the client has sent none before", async () => {
    const { io, address } = await serve({ events });
    const url = `${address}/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(url)).text()).slice(1)) as { sid: string };
    let read = 0;
    const conn = (io.engine as unknown as { clients: Record<string, ServerSocket["conn"]> }).clients[sid]!;
    conn.on("packet", () => { read += 1; });
    const closed = event(conn, "close");
    await fetch(`${url}&sid=${sid}`, { method: "POST", body: Array(100_000).fill("3").join("\x1e") });
    expect(await closed).to.equal("forced close");
    expect(read).to.be.below(100);
  });

  it("may begin with the CONNECT", async () => {
    const { io, address, token } = await serve({ events });
    const handled: number[] = [];
    io.on("connection", (socket) => socket.on("work", (nth: number) => handled.push(nth)));
    const url = `${address}/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(url)).text()).slice(1)) as { sid: string };
    const connected = event(io, "connection");
    const body = ["3", `40${JSON.stringify({ token: token() })}`, ...Array<string>(3_000).fill("3")].join("\x1e");
    await fetch(`${url}&sid=${sid}`, { method: "POST", body });
    await connected;
    await fetch(`${url}&sid=${sid}`, { method: "POST", body: flood.join("\x1e") });
    await eventually(() => handled.length === count, "all are handled");
    expect(handled).to.deep.equal(numbers);
  });

  it("is handled in the AsyncLocalStorage of its own request, whoever else is served meanwhile", async () => {
    const served = await serve({ events });
    const storage = new AsyncLocalStorage<string | null>();
    served.io.engine.use((request: { readonly url: string }, _response: unknown, next: () => void) => {
      storage.enterWith(new URL(request.url, served.address).searchParams.get("sid"));
      next();
    });
    const both = [await opened(served), await opened(served)];
    const found = both.map(({ socket }) => {
      const ids = new Set<unknown>();
      socket.conn.on("packet", () => { ids.add(storage.getStore()); });
      socket.on("work", () => { ids.add(storage.getStore()); });
      return ids;
    });
    await Promise.all(both.map(({ polling }) => polling.post(...flood)));
    await eventually(() => both.every(({ handled }) => handled.length === count), "all are handled");
    expect(found.map((ids) => [...ids])).to.deep.equal(both.map(({ socket }) => [(socket.conn as unknown as { id: string }).id]));
  });

  for (const [sentence, second] of [["small", flood.slice(0, 1)], ["large", flood.slice(0, 3_000)]] as const) {
    it(`keeps the next POST waiting, which is answered and dropped when the client has closed its connection: a ${sentence} one`, async () => {
      const { polling, socket, handled, left, turns } = await opened(await serve({ events }));
      void polling.listen();
      void polling.post(...flood);
      await eventually(() => turns.length > 0, "the first packets are read");
      const answered = polling.post(...second);
      const closed = event(socket.conn, "close");
      await nextTurn();
      polling.abort();
      await Promise.all([answered, closed, left]);
      for (let turn = 0; turn < 20; turn += 1) await nextTurn();
      expect(handled).to.deep.equal(numbers);
    });
  }
});
