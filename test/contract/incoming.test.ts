// How packets arrive and answers leave: what `lib/socket/incoming.ts` and `cork.ts` rely on.
import { expect } from "chai";
import { it } from "mocha";
import { eventually } from "../support/eventually.js";
import { connected, connection, contract, nextTurn } from "./contract.js";
import { insideSocket, type Packet } from "./inside.js";

interface Engine {
  listeners(event: string): unknown[];
  writeBuffer: unknown[];
  transport: { writable: boolean; onDataRequest(request: unknown, response: unknown): void; socket: Websocket };
}
interface Websocket {
  isPaused: boolean;
  pause(): void;
  resume(): void;
  _socket: { cork(): void; uncork(): void; writableCorked: number };
}
interface PollingTransport {
  readonly name: string;
  parser: { decodePayload(body: string): unknown; decodePacket(text: string): unknown };
}
interface Client {
  readonly ondata: (message: unknown) => void;
  readonly onclose: (reason: string) => void;
}

contract("incoming packets", (serve) => {
  it("client.ondata and client.onclose are listeners of the connection", async () => {
    const { inner } = await connected(serve);
    const conn = inner.client.conn as unknown as Engine;
    const client = inner.client as unknown as Client;
    expect(conn.listeners("data")).to.deep.equal([client.ondata]);
    expect(conn.listeners("close")).to.include(client.onclose);
  });

  it("ondata decodes a message; each packet is handled on its own tick, after all packets of the same read are decoded", async () => {
    const { inner, attacker } = await connected(serve);
    const order: string[] = [];
    const client = inner.client as unknown as Client;
    const decode = client.ondata;
    const conn = inner.client.conn as unknown as Engine & { off(event: string, listener: unknown): void; on(event: string, listener: unknown): void };
    conn.off("data", decode);
    conn.on("data", (message: unknown) => {
      order.push("decoded");
      decode(message);
    });
    const receive = inner._onpacket.bind(inner);
    inner._onpacket = (packet: Packet) => {
      if (!order.includes("handled")) process.nextTick(() => order.push("tick"));
      order.push("handled");
      receive(packet);
    };
    attacker.send('42["one"]', '42["two"]', '42["three"]');
    await eventually(() => order.includes("tick"), "the packets are handled");
    expect(order).to.deep.equal(["decoded", "decoded", "decoded", "handled", "handled", "handled", "tick"]);
  });

  it("a paused websocket delivers nothing until it is resumed", async () => {
    const { socket, inner, attacker } = await connected(serve);
    const { transport } = inner.client.conn as unknown as Engine;
    const heard: unknown[] = [];
    socket.on("event", (nth: number) => heard.push(nth));
    transport.socket.pause();
    attacker.send('42["event",1]');
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect(heard).to.deep.equal([]);
    transport.socket.resume();
    await eventually(() => heard.length > 0, "the event is handled");
    expect(heard).to.deep.equal([1]);
  });

  it("with polling, each POST passes transport.onDataRequest, which may be called later", async () => {
    const { io, client } = await serve();
    const connecting = connection(io);
    const sender = client("/", { transports: ["polling"] });
    const socket = await connecting;
    const { transport } = insideSocket(socket).client.conn as unknown as Engine;
    const heard: unknown[] = [];
    socket.on("event", (nth: number) => heard.push(nth));
    const requests: [unknown, unknown][] = [];
    transport.onDataRequest = (...request) => requests.push(request);
    sender.emit("event", 1);
    await eventually(() => requests.length > 0, "the POST arrives");
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect(heard).to.deep.equal([]);
    delete (transport as Partial<Engine["transport"]>).onDataRequest;
    for (const request of requests) transport.onDataRequest(...request);
    await eventually(() => heard.length > 0, "the event is handled");
    expect(heard).to.deep.equal([1]);
  });
});

contract("the body of a POST", (serve) => {
  it("is decoded by transport.parser.decodePayload, of whose result Engine.IO only calls forEach, with a function that may be called later", async () => {
    const { io, client } = await serve();
    const connecting = connection(io);
    const sender = client("/", { transports: ["polling"] });
    const socket = await connecting;
    const transport = insideSocket(socket).client.conn.transport as unknown as PollingTransport;
    expect(transport.name).to.equal("polling");
    const { parser } = transport;
    const later: (() => void)[] = [];
    const decodePayload = (body: string) => ({ forEach: (handle: (packet: unknown) => void) => later.push(() => handle(parser.decodePacket(body))) });
    transport.parser = Object.create(parser, { decodePayload: { value: decodePayload } }) as PollingTransport["parser"];
    const heard: unknown[] = [];
    socket.on("event", (nth: number) => heard.push(nth));
    for (const nth of [1, 2]) {
      sender.emit("event", nth);
      // The client sends the next POST when Engine.IO has answered this one.
      await eventually(() => later.length === nth, "the POST arrives");
    }
    expect(heard).to.deep.equal([]);
    for (const handOn of later) handOn();
    await eventually(() => heard.length === 2, "the events are handled");
    expect(heard).to.deep.equal([1, 2]);
  });

  it("has packets of other types than messages, and Engine.IO reads nothing behind a close or an error", async () => {
    const { inner } = await connected(serve);
    const { parser } = inner.client.conn.transport as unknown as PollingTransport;
    const types = ["0", "1", "2", "3", "4text", "bAAAA", "5", "6", "x", ""].map((text) => (parser.decodePacket(text) as { type: string }).type);
    expect(types).to.deep.equal(["open", "close", "ping", "pong", "message", "message", "upgrade", "noop", "error", "error"]);
  });
});

contract("answers", (serve) => {
  it("while a packet is being written, later ones wait in conn.writeBuffer; conn.flush sends them once the transport is writable", async () => {
    const { socket, inner, attacker } = await connected(serve);
    const conn = inner.client.conn as unknown as Engine & { flush(): void };
    await nextTurn();
    const wire = conn.transport.socket._socket;
    wire.cork();
    for (const nth of [1, 2, 3]) socket.emit("event", nth);
    expect([conn.transport.writable, conn.writeBuffer.length]).to.deep.equal([false, 2]);
    conn.transport.writable = true;
    conn.flush();
    expect([conn.transport.writable, conn.writeBuffer.length]).to.deep.equal([false, 0]);
    wire.uncork();
    for (const nth of [1, 2, 3]) expect(await attacker.next()).to.equal(`42["event",${nth}]`);
    await eventually(() => conn.transport.writable, "the transport is writable again");
  });
});
