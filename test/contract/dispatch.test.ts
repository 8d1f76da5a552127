// What happens to a packet behind `_onpacket`: onevent, dispatch, onack, ack and the lists they read. Also why a check
// inside socket.use is not a gate.
import { expect } from "chai";
import { it } from "mocha";
import type { Socket } from "socket.io";
import { collector, connection, contract, heard, nextTurn, type Serve } from "./contract.js";
import { insideSocket, PacketType, type InsideSocket } from "./inside.js";

contract("the dispatch of an event", (serve) => {
  it("onevent runs the onAny listeners at once, then socket.use, and the listeners on a later tick", async () => {
    const { socket, inner } = await connected(serve);
    const order: string[] = [];
    socket.onAny(() => order.push("onAny"));
    socket.use((_event, next) => { order.push("use"); next(); });
    socket.on("event", () => order.push("listener"));
    inner.onevent({ type: PacketType.EVENT, data: ["event"] });
    order.push("returned");
    process.nextTick(() => order.push("tick"));
    await nextTurn();
    expect(order).to.deep.equal(["onAny", "use", "returned", "listener", "tick"]);
  });

  it("onevent adds the ack of packet.id, also of id 0, to the very array packet.data", async () => {
    const { socket, inner } = await connected(serve);
    const data: unknown[] = ["event", 1];
    inner.onevent({ type: PacketType.EVENT, id: 0, data });
    const [, ack] = await heard(socket, "event");
    expect(ack).to.be.a("function").and.to.equal(data[2]);
  });

  it("dispatch emits exactly its array, without onAny", async () => {
    const { socket, inner } = await connected(serve);
    const any: unknown[] = [];
    socket.onAny((...event) => any.push(event));
    inner.dispatch(["event", 1, 2]);
    expect(await heard(socket, "event")).to.deep.equal([1, 2]);
    expect(any).to.deep.equal([]);
  });

  it("dispatch emits nothing once the socket is disconnected", async () => {
    const { socket, inner } = await connected(serve);
    let ran = 0;
    socket.on("event", () => ran++);
    inner.dispatch(["event"]);
    socket.disconnect();
    inner.dispatch(["event"]);
    await nextTurn();
    expect(ran).to.equal(0);
  });

  it("onevent and dispatch are the prototype's unless a host has put its own on the socket", async () => {
    const { inner } = await connected(serve);
    for (const name of ["onevent", "dispatch", "emit", "onack", "ack", "packet"]) expect(Object.hasOwn(inner, name), name).to.be.false;
  });

  it("socket.fns is the list of socket.use, and is empty at first", async () => {
    const { socket, inner } = await connected(serve);
    expect(inner.fns).to.deep.equal([]);
    const check = (_event: unknown, next: () => void): void => next();
    socket.use(check);
    expect(inner.fns).to.deep.equal([check]);
  });

  it("socket._anyListeners is the list of onAny, undefined at first and empty after offAny", async () => {
    const { socket, inner } = await connected(serve);
    expect(inner._anyListeners).to.equal(undefined);
    const listener = (): void => undefined;
    socket.onAny(listener);
    expect(inner._anyListeners).to.deep.equal([listener]);
    socket.offAny(listener);
    expect(inner._anyListeners).to.deep.equal([]);
  });

  it("socket.ack(id) answers a function that sends one ACK, however often it is called", async () => {
    const { inner, attacker } = await connected(serve);
    const answer = inner.ack(5);
    answer({ error: 1 });
    answer("again");
    inner.ack(6)();
    expect([await attacker.next(), await attacker.next()]).to.deep.equal(['435[{"error":1}]', "436[]"]);
  });

  it("socket.acks holds the callbacks by packet id; onack calls one once and forgets it", async () => {
    const { socket, inner, attacker } = await connected(serve);
    const answers: unknown[] = [];
    socket.emit("question", (answer: unknown) => answers.push(answer));
    const [id] = [...inner.acks.keys()] as [number];
    expect(await attacker.next()).to.equal(`42${id}["question"]`);
    inner.onack({ type: PacketType.ACK, id, data: ["yes"] });
    inner.onack({ type: PacketType.ACK, id, data: ["again"] });
    inner.onack({ type: PacketType.ACK, id: 999, data: [] });
    expect(answers).to.deep.equal(["yes"]);
    expect(inner.acks.size).to.equal(0);
  });

  it("why: a client's answer to a server's question never passes socket.use", async () => {
    const { socket, attacker } = await connected(serve);
    const used: unknown[] = [];
    socket.use((event, next) => { used.push(event); next(new Error("denied")); });
    const answered = new Promise((resolve) => socket.emit("confirm", resolve));
    const question = await attacker.next();
    attacker.send(`43${/^42(\d+)/.exec(question)![1]}["yes"]`);
    expect(await answered).to.equal("yes");
    expect(used).to.deep.equal([]);
  });

  it("why: next(error) in socket.use reaches only the server's error listener, and no ack comes", async () => {
    const { socket, attacker } = await connected(serve);
    socket.use(([name], next) => next(name === "denied" ? new Error("denied") : undefined));
    socket.on("last", (ack: () => void) => ack());
    const failing = heard(socket, "error");
    attacker.send('421["denied"]', '422["last"]');
    expect(await failing).to.have.nested.property("[0].message", "denied");
    expect(await attacker.next()).to.equal("432[]");
  });

  it("why: next(null), next(0), next(\"\"), next(false) and next(NaN) allow", async () => {
    const { socket, attacker } = await connected(serve);
    const answers: unknown[] = [null, 0, "", false, NaN];
    const handled = collector<unknown>(answers.length);
    socket.use((_event, next) => (next as (answer: unknown) => void)(answers[handled.all.length]));
    socket.on("event", handled.push);
    for (let nth = 0; nth < answers.length; nth++) {
      attacker.send(`420["event",${nth}]`);
      await nextHandled(socket);
    }
    expect(await handled.full).to.deep.equal([0, 1, 2, 3, 4]);
  });

  it("why: next(error) and then next() runs the handler", async () => {
    const { socket, attacker } = await connected(serve);
    socket.use((_event, next) => { next(new Error("denied")); next(); });
    const handled = heard(socket, "event");
    attacker.send('42["event"]');
    await handled;
  });

  it("why: asynchronous checks in socket.use reorder events", async () => {
    const { socket, attacker } = await connected(serve);
    const waiting = collector<() => void>(3);
    const handled = collector<unknown>(3);
    socket.use((_event, next) => waiting.push(next));
    socket.on("event", handled.push);
    attacker.send('42["event",1]', '42["event",2]', '42["event",3]');
    (await waiting.full).reverse().forEach((next) => next());
    expect(await handled.full).to.deep.equal([3, 2, 1]);
  });

  it("why: a client can fire the server's error listeners", async () => {
    const { socket, attacker } = await connected(serve);
    const fired = heard(socket, "error");
    attacker.send('42["error","from outside"]');
    expect(await fired).to.deep.equal(["from outside"]);
  });

  it("why: a handler is given whatever stands where it expects its ack", async () => {
    const { socket, attacker } = await connected(serve);
    const handled = heard(socket, "event");
    attacker.send('42["event",1,"not a function"]');
    expect(await handled).to.deep.equal([1, "not a function"]);
  });
});

async function connected(serve: Serve): Promise<{ socket: Socket; inner: InsideSocket; attacker: Awaited<ReturnType<Awaited<ReturnType<Serve>>["raw"]>> }> {
  const { io, raw } = await serve();
  const connecting = connection(io);
  const attacker = await raw();
  await attacker.connect();
  const socket = await connecting;
  return { socket, inner: insideSocket(socket), attacker };
}

const nextHandled = (socket: Socket): Promise<unknown> => heard(socket, "event");
