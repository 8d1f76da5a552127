// What happens to a packet behind `_onpacket`: onevent, dispatch, onack, ack and the lists they read.
import { expect } from "chai";
import { it } from "mocha";
import { connected, contract, heard, nextTurn } from "./contract.js";
import { PacketType } from "./inside.js";

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
});
