// How packets come in and answers go out: what `lib/socket/incoming.ts` and `cork.ts` lean on.
import { expect } from "chai";
import { it } from "mocha";
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
interface Client {
  readonly ondata: (message: unknown) => void;
  readonly onclose: (reason: string) => void;
}

contract("incoming packets", (serve) => {
  it("client.ondata and client.onclose are what listens to the connection", async () => {
    const { inner } = await connected(serve);
    const conn = inner.client.conn as unknown as Engine;
    const client = inner.client as unknown as Client;
    expect(conn.listeners("data")).to.deep.equal([client.ondata]);
    expect(conn.listeners("close")).to.include(client.onclose);
  });

  it("ondata of the prototype decodes, and each packet is handled in a tick of its own after all of a read are decoded", async () => {
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
    while (!order.includes("tick")) await nextTurn();
    expect(order).to.deep.equal(["decoded", "decoded", "decoded", "handled", "handled", "handled", "tick"]);
  });

  it("a websocket can be paused, and nothing of it is read until it is resumed", async () => {
    const { socket, inner, attacker } = await connected(serve);
    const { transport } = inner.client.conn as unknown as Engine;
    const heard: unknown[] = [];
    socket.on("event", (nth: number) => heard.push(nth));
    transport.socket.pause();
    attacker.send('42["event",1]');
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect(heard).to.deep.equal([]);
    transport.socket.resume();
    while (heard.length === 0) await nextTurn();
    expect(heard).to.deep.equal([1]);
  });

  it("polling takes each POST by transport.onDataRequest, which may be called later", async () => {
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
    while (requests.length === 0) await nextTurn();
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect(heard).to.deep.equal([]);
    delete (transport as Partial<Engine["transport"]>).onDataRequest;
    for (const request of requests) transport.onDataRequest(...request);
    while (heard.length === 0) await nextTurn();
    expect(heard).to.deep.equal([1]);
  });
});

contract("answers", (serve) => {
  it("while the first packet is being written, those after it are in conn.writeBuffer; conn.flush sends them once the transport is writable", async () => {
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
    while (!conn.transport.writable) await nextTurn();
  });
});
