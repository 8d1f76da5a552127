// What happens to a packet after `_onpacket`: onevent, dispatch, onack, ack, and the lists that they read.
import { expect } from "chai";
import { it } from "mocha";
import { connected, contract, heard, nextTurn } from "./contract.js";
import { PacketType } from "./inside.js";

contract("the dispatch of an event", (serve) => {
  it("onevent runs the onAny listeners, then socket.use, and the event's listeners on a later tick", async () => {
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

  it("onevent appends the ack to the array packet.data itself, also for packet id 0", async () => {
    const { socket, inner } = await connected(serve);
    const data: unknown[] = ["event", 1];
    inner.onevent({ type: PacketType.EVENT, id: 0, data });
    const [, ack] = await heard(socket, "event");
    expect(ack).to.be.a("function").and.to.equal(data[2]);
  });

  it("dispatch emits its array without calling onAny listeners", async () => {
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

  it("a socket has no onevent, dispatch, emit, onack, ack or packet of its own", async () => {
    const { inner } = await connected(serve);
    for (const name of ["onevent", "dispatch", "emit", "onack", "ack", "packet"]) expect(Object.hasOwn(inner, name), name).to.be.false;
  });

  it("socket.fns lists the middlewares of socket.use and is empty at first", async () => {
    const { socket, inner } = await connected(serve);
    expect(inner.fns).to.deep.equal([]);
    const check = (_event: unknown, next: () => void): void => next();
    socket.use(check);
    expect(inner.fns).to.deep.equal([check]);
  });

  it("socket._anyListeners lists the onAny listeners; it is undefined at first and empty after offAny", async () => {
    const { socket, inner } = await connected(serve);
    expect(inner._anyListeners).to.equal(undefined);
    const listener = (): void => undefined;
    socket.onAny(listener);
    expect(inner._anyListeners).to.deep.equal([listener]);
    socket.offAny(listener);
    expect(inner._anyListeners).to.deep.equal([]);
  });

  it("socket.ack(id) returns a function that sends one ACK, even if it is called again", async () => {
    const { inner, attacker } = await connected(serve);
    const answer = inner.ack(5);
    answer({ error: 1 });
    answer("again");
    inner.ack(6)();
    expect([await attacker.next(), await attacker.next()]).to.deep.equal(['435[{"error":1}]', "436[]"]);
  });

  it("socket.acks maps packet ids to callbacks; onack calls one and removes it", async () => {
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
