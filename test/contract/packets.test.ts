// Every packet that a client sends to a connected socket passes `socket._onpacket`.
import { expect } from "chai";
import { it } from "mocha";
import { collector, connection, contract, heard, nextTurn } from "./contract.js";
import { insideSocket, PacketType, type Packet } from "./inside.js";

contract("packets of a socket", (serve) => {
  it("an _onpacket that a middleware replaced receives every EVENT, ACK and DISCONNECT, text and binary, in order", async () => {
    const { io, raw } = await serve();
    const packets = collector<Packet>(5);
    io.use((socket, next) => {
      insideSocket(socket)._onpacket = packets.push;
      next();
    });
    const attacker = await raw();
    await attacker.connect();
    attacker.send('42["text",1]', '451-["binary",{"_placeholder":true,"num":0}]', Buffer.from([1, 2]));
    attacker.send('437["answer"]', '461-8[{"_placeholder":true,"num":0}]', Buffer.from([3]), "41");
    const seen = await packets.full;
    expect(seen.map(({ type }) => type)).to.deep.equal([PacketType.EVENT, PacketType.EVENT, PacketType.ACK, PacketType.ACK, PacketType.DISCONNECT]);
    expect(seen.map(({ id }) => id)).to.deep.equal([undefined, undefined, 7, 8, undefined]);
    expect(seen.slice(0, 4).map(({ data }) => data)).to.deep.equal([["text", 1], ["binary", Buffer.from([1, 2])], ["answer"], [Buffer.from([3])]]);
  });

  it("a replaced _onpacket can keep packets from listeners, onAny, socket.use and ack callbacks", async () => {
    const { io, raw } = await serve();
    const ran: string[] = [];
    const packets = collector<Packet>(2);
    io.use((socket, next) => {
      insideSocket(socket)._onpacket = packets.push;
      next();
    });
    io.on("connection", (socket) => {
      socket.on("event", () => ran.push("listener"));
      socket.onAny(() => ran.push("onAny"));
      socket.use((_event, next) => { ran.push("use"); next(); });
      socket.emit("question", () => ran.push("ack"));
    });
    const attacker = await raw();
    await attacker.connect();
    await attacker.next((frame) => frame.startsWith("42"));
    attacker.send('42["event"]', "430[]");
    await packets.full;
    await nextTurn();
    expect(ran).to.deep.equal([]);
  });

  it("_onpacket is called one process.nextTick after client.ondecoded", async () => {
    const { io, client } = await serve();
    client();
    const socket = insideSocket(await connection(io));
    const order: string[] = [];
    socket._onpacket = () => order.push("packet");
    socket.client.ondecoded({ type: PacketType.EVENT, nsp: "/", data: ["x"] });
    order.push("returned");
    process.nextTick(() => order.push("tick"));
    await nextTurn();
    expect(order).to.deep.equal(["returned", "packet", "tick"]);
  });

  it("an _onpacket that is replaced between decoding and that tick is used", async () => {
    const { io, client } = await serve();
    client();
    const socket = insideSocket(await connection(io));
    const order: string[] = [];
    socket._onpacket = () => order.push("before");
    socket.client.ondecoded({ type: PacketType.EVENT, nsp: "/", data: ["x"] });
    socket._onpacket = () => order.push("after");
    await nextTurn();
    expect(order).to.deep.equal(["after"]);
  });

  it("the original _onpacket calls onevent, onack or closes the socket", async () => {
    const { io, client } = await serve();
    client();
    const socket = insideSocket(await connection(io));
    const ran: string[] = [];
    socket.onevent = () => ran.push("onevent");
    socket.onack = () => ran.push("onack");
    expect(Object.hasOwn(socket, "_onpacket")).to.be.false;
    socket._onpacket({ type: PacketType.EVENT, data: ["x"] });
    socket._onpacket({ type: PacketType.ACK, id: 1, data: [] });
    expect(ran).to.deep.equal(["onevent", "onack"]);
  });

  it("a client's DISCONNECT calls socket.ondisconnect, and disconnect(true) calls client._disconnect", async () => {
    const { io, client } = await serve();
    const leaving = client();
    const inner = insideSocket(await connection(io));
    const left = heard(leaving, "disconnect");
    inner.client._disconnect();
    expect((await left)[0]).to.equal("io server disconnect");

    client();
    const socket = await connection(io);
    const gone = heard(socket, "disconnect");
    insideSocket(socket).ondisconnect();
    expect((await gone)[0]).to.equal("client namespace disconnect");
  });

  it("CONNECT and CONNECT_ERROR never reach _onpacket; on a connected namespace, they close the connection", async () => {
    const { io, raw } = await serve();
    const packets: Packet[] = [];
    io.use((socket, next) => {
      insideSocket(socket)._onpacket = (packet) => packets.push(packet);
      next();
    });
    for (const frame of ["40", '44"refused"']) {
      const attacker = await raw();
      await attacker.connect();
      attacker.send(frame);
      await attacker.closed;
    }
    expect(packets).to.deep.equal([]);
  });

  it("after disconnect(true), packets that are already decoded still reach _onpacket", async () => {
    const { io, raw } = await serve();
    const seen = collector<unknown>(2);
    io.on("connection", (socket) => {
      socket.on("end", () => socket.disconnect(true));
      socket.onAny((...event) => seen.push(event));
    });
    const attacker = await raw();
    await attacker.connect();
    attacker.send('42["end"]', '42["late"]');
    expect(await seen.full).to.deep.equal([["end"], ["late"]]);
  });

  it("an event that arrives before the middleware is done closes the connection", async () => {
    const { io, raw } = await serve();
    io.use(() => undefined);
    const attacker = await raw();
    attacker.send("40", '42["early"]');
    await attacker.closed;
    expect(attacker.frames).to.deep.equal([]);
  });
});
