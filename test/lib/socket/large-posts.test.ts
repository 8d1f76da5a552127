// A POST with thousands of packets is read in parts. Other connections are served in between, and nothing is lost or reordered.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anyone } from "../../../lib/index.js";
import { eventually } from "../../support/eventually.js";
import { jsonp, plain, Polling } from "../../support/polling.js";
import { closeEverything, closeLater, event, nextTurn, serve, type ServerSocket } from "../../support/server.js";

const partSize = 2_048;
const count = 9_000;
const numbers = Array.from({ length: count }, (_, nth) => nth);
const flood = numbers.map((nth) => `42["work",${nth}]`);

interface Flooding {
  readonly polling: Polling;
  readonly socket: ServerSocket;
  readonly handled: number[];
  readonly left: Promise<unknown>;
  /** How many packets the engine handed on in each turn of the event loop, without turns that had none. */
  readonly turns: number[];
}

async function opened(format = plain): Promise<Flooding> {
  const served = await serve({ events: { work: anyone, hello: anyone } });
  const connecting = event<ServerSocket>(served.io, "connection");
  const polling = await Polling.connect(served.address, { token: served.token() }, format);
  closeLater(() => polling.close());
  const socket = await connecting;
  const handled: number[] = [];
  socket.on("work", (nth: number) => handled.push(nth));
  return { polling, socket, handled, left: event(socket, "disconnect"), turns: packetsByTurn(socket) };
}

function packetsByTurn(socket: ServerSocket): number[] {
  const turns: number[] = [];
  let isSameTurn = false;
  socket.conn.on("packet", () => {
    if (!isSameTurn) turns.push(0);
    turns[turns.length - 1]! += 1;
    if (!isSameTurn) setImmediate(() => { isSameTurn = false; });
    isSameTurn = true;
  });
  return turns;
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

describe("a POST with thousands of packets", () => {
  afterEach(closeEverything);

  for (const [sentence, format] of [["a plain body", plain], ["a form, as JSONP sends it", jsonp]] as const) {
    it(`is read in parts, in order, and answered after the last one: ${sentence}`, async () => {
      const { polling, handled, turns } = await opened(format);
      await polling.post(...flood);
      expect(sumOf(turns)).to.equal(count);
      expect(Math.max(...turns)).to.equal(partSize);
      await eventually(() => handled.length === count, "all are handled");
      expect(handled).to.deep.equal(numbers);
    });
  }

  it("is read in one turn if it has no more packets than a part", async () => {
    const { polling, turns } = await opened();
    await polling.post(...flood.slice(0, partSize));
    expect(turns).to.deep.equal([partSize]);
  });

  it("is followed by the next POST", async () => {
    const { polling, handled } = await opened();
    for (const part of [flood.slice(0, 5_000), flood.slice(5_000)]) await polling.post(...part);
    await eventually(() => handled.length === count, "all are handled");
    expect(handled).to.deep.equal(numbers);
  });

  it("takes turns with those of other connections", async () => {
    const all = await Promise.all([opened(), opened(), opened()]);
    const read = () => sumOf(all.map(({ turns }) => sumOf(turns)));
    const posted = Promise.all(all.map(({ polling }) => polling.post(...flood)));
    // The first part is read when a POST arrives.
    await eventually(() => all.every(({ turns }) => turns.length > 0), "all have begun");
    for (let before = read(); before < 3 * count; before = read()) {
      await nextTurn();
      expect(read() - before).to.be.at.most(partSize);
    }
    await posted;
  });

  it("closes the connection if the client does not wait for its answer", async () => {
    const { polling, left, turns } = await opened();
    void polling.post(...flood);
    await eventually(() => turns.length > 0, "the first part is read");
    await Promise.all([polling.post(...flood.slice(0, 1)), polling.post(...flood.slice(0, 1))]);
    expect(await left).to.equal("transport error");
  });

  it("is not read further when the server has closed the connection", async () => {
    const { polling, socket, left, turns } = await opened();
    const posted = polling.post(...flood);
    await eventually(() => turns.length > 0, "the first part is read");
    socket.disconnect(true);
    expect(await left).to.equal("server namespace disconnect");
    await posted;
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect(sumOf(turns)).to.be.below(count);
  });

  it("is not read behind a packet that is none, and its connection is closed", async () => {
    const { polling, left, turns } = await opened();
    await polling.post(...flood.slice(0, 5_000), "x", ...flood.slice(5_000));
    expect(await left).to.equal("parse error");
    expect(sumOf(turns)).to.be.equal(5_001);
  });
});
