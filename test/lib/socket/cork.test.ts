// What leaves a server in one system call, on real websockets.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anyone } from "../../../lib/index.js";
import { closeEverything, event, nextTurn, nextUncaught, serve, type Served, type ServerSocket } from "../../support/server.js";
import type { Raw } from "../../support/raw.js";

interface Wire {
  writableNeedDrain: boolean;
  _write(...args: unknown[]): void;
  _writev(...args: unknown[]): void;
}
interface Connection {
  transport: { writable: boolean; name: string; socket: { _socket: Wire } };
}

const connectionOf = (socket: ServerSocket): Connection => socket.conn as unknown as Connection;

/** Counts what is handed to the network for a socket. */
function countWrites(socket: ServerSocket): () => number {
  const wire = connectionOf(socket).transport.socket._socket;
  let writes = 0;
  for (const name of ["_write", "_writev"] as const) {
    const write = wire[name].bind(wire);
    wire[name] = (...args) => {
      writes += 1;
      write(...args);
    };
  }
  return () => writes;
}

type Handler = (nth: number, ack: (...answer: unknown[]) => void) => void;

async function ask(handler: (socket: ServerSocket, served: Served) => Handler, events = { ask: anyone }): Promise<{ raw: Raw; socket: ServerSocket; writes: () => number }> {
  const served = await serve({ events: events });
  const { raw, socket } = await served.rawMember();
  socket.on("ask", handler(socket, served));
  return { raw, socket, writes: countWrites(socket) };
}

const asking = (count: number): string[] => Array.from({ length: count }, (_, nth) => `42${nth}["ask",${nth}]`);
const answers = (raw: Raw): string[] => raw.frames.map(String).filter((frame) => /^4[236]|^45/.test(frame) && !frame.includes("guard:session"));

async function until(raw: Raw, count: number): Promise<string[]> {
  while (answers(raw).length < count) await raw.next();
  return answers(raw);
}

describe("events that one read brings", () => {
  afterEach(closeEverything);

  it("have their acks in one write, in order", async () => {
    const { raw, writes } = await ask(() => (nth, ack) => ack(nth));
    raw.send(...asking(10));
    expect(await until(raw, 10)).to.deep.equal(Array.from({ length: 10 }, (_, nth) => `43${nth}[${nth}]`));
    expect(writes()).to.equal(1);
  });

  it("have the emits of their handlers in the same write, in the order in which they were sent", async () => {
    const { raw, writes } = await ask((socket, { io }) => (nth, ack) => {
      socket.emit("one", nth);
      io.emit("all", nth);
      ack(nth);
    });
    raw.send(...asking(3));
    expect(await until(raw, 9)).to.deep.equal([0, 1, 2].flatMap((nth) => [`42["one",${nth}]`, `42["all",${nth}]`, `43${nth}[${nth}]`]));
    expect(writes()).to.equal(1);
  });

  it("have binary answers in the same write", async () => {
    const { raw, writes } = await ask(() => (nth, ack) => ack(Buffer.from([nth])));
    raw.send(...asking(3));
    while (raw.frames.filter((frame) => typeof frame !== "string").length < 3) await nextTurn();
    expect(raw.frames.filter((frame) => typeof frame !== "string").map((frame) => (frame)[0])).to.deep.equal([0, 1, 2]);
    expect(writes()).to.equal(1);
  });

  it("have their denials in the same write", async () => {
    const { raw, writes } = await ask(() => (nth, ack) => ack(nth));
    raw.send('420["ask",0]', '421["unlisted"]', '422["ask",2]');
    expect((await until(raw, 3)).map((frame) => frame.slice(0, 3))).to.deep.equal(["430", "431", "432"]);
    expect(writes()).to.equal(1);
  });

  it("are answered although a handler throws", async () => {
    const { raw, writes } = await ask(() => (nth, ack) => {
      if (nth === 1) throw new Error("The handler is broken.");
      ack(nth);
    });
    const thrown = nextUncaught();
    raw.send(...asking(3));
    expect((await thrown).message).to.equal("The handler is broken.");
    expect(await until(raw, 2)).to.deep.equal(["430[0]", "432[2]"]);
    expect(writes()).to.be.at.most(2);
    raw.send('429["ask",9]');
    expect((await until(raw, 3))[2]).to.equal("439[9]");
  });

  it("leave before anything else happens on the event loop", async () => {
    const { raw, socket, writes } = await ask(() => (nth, ack) => ack(nth));
    const order: string[] = [];
    socket.on("ask", (nth: number) => {
      if (nth === 0) setImmediate(() => order.push(`${writes()} write`));
    });
    raw.send(...asking(5));
    await until(raw, 5);
    expect(order).to.deep.equal(["1 write"]);
  });

  it("wait for a network that takes no more, as in Socket.IO, and then arrive in order", async () => {
    const { raw, socket } = await ask(() => (nth, ack) => ack(nth));
    const { transport } = connectionOf(socket);
    transport.writable = false;
    const writes = countWrites(socket);
    raw.send(...asking(3));
    await event(socket, "ask");
    await nextTurn();
    expect([writes(), transport.writable]).to.deep.equal([0, false]);
    transport.writable = true;
    socket.emit("ready");
    expect(await until(raw, 4)).to.deep.equal(["430[0]", "431[1]", "432[2]", '42["ready"]']);
  });

  it("drop volatile emits as Socket.IO does: all but one that comes while nothing is being written", async () => {
    const { raw } = await ask((socket) => (nth, ack) => {
      socket.volatile.emit("volatile", nth);
      if (nth === 2) ack("done");
    });
    raw.send(...asking(3));
    expect(await until(raw, 2)).to.deep.equal(['42["volatile",0]', '432["done"]']);
  });

  it("are answered before the connection is closed by a handler", async () => {
    const { raw, socket } = await ask(() => (nth, ack) => {
      ack(nth);
      if (nth === 2) socket.disconnect(true);
    });
    raw.send(...asking(3));
    await raw.closed;
    expect(answers(raw)).to.deep.equal(["430[0]", "431[1]", "432[2]"]);
    expect(raw.frames.at(-1)).to.equal("41");
  });
});

describe("an event that comes alone", () => {
  afterEach(closeEverything);

  it("is answered at once, while its handler runs", async () => {
    const { raw, writes } = await ask(() => (_nth, ack) => {
      const before = writes();
      ack("now");
      expect(writes() - before).to.equal(1);
    });
    raw.send(asking(1)[0]!);
    expect(await until(raw, 1)).to.deep.equal(['430["now"]']);
  });
});
