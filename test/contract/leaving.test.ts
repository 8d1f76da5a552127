// Everything that a server sends to a connection passes `client.writeToEngine`. `socket.packet` bypasses the host's
// outgoing listeners and the store of connection state recovery.
import { expect } from "chai";
import { it } from "mocha";
import { connected, connection, contract, heard } from "./contract.js";
import { insideSocket, PacketType } from "./inside.js";

contract("what leaves the server", (serve) => {
  it("replacing client.writeToEngine silences emits, broadcasts, acks and packets of that connection only", async () => {
    const { io, raw } = await serve();
    let kept = 0;
    const connecting = connection(io);
    const silenced = await raw();
    await silenced.connect();
    const socket = await connecting;
    const joining = connection(io);
    const other = await raw();
    await other.connect();
    const neighbour = await joining;
    await socket.join("room");

    const client = insideSocket(socket).client;
    client.writeToEngine = () => { kept++; };
    socket.emit("emitted");
    io.emit("broadcast");
    io.to("room").emit("in a room");
    neighbour.broadcast.emit("from the neighbour");
    socket.volatile.emit("volatile");
    io.timeout(1000).emit("asking", () => undefined);
    insideSocket(socket).ack(1)("an answer");
    insideSocket(socket).packet({ type: PacketType.EVENT, data: ["a packet"] });

    Reflect.deleteProperty(client, "writeToEngine");
    socket.emit("last");
    expect(await silenced.next()).to.equal('42["last"]');
    expect(kept).to.equal(8);
    expect(await other.next()).to.equal('42["broadcast"]');
  });

  it("while transport.writable is false, packets wait in order, and conn.flush sends them in one write", async () => {
    const { socket, inner, attacker } = await connected(serve);
    const { conn } = inner.client;
    const wire = conn.transport.socket!._socket;
    conn.transport.writable = false;
    socket.emit("first");
    socket.emit("second");
    expect(wire.writableLength).to.equal(0);
    const before = wire.bytesWritten;
    wire.cork();
    conn.transport.writable = true;
    conn.flush();
    expect(wire.writableLength).to.be.greaterThan(0);
    expect(wire.bytesWritten - before).to.equal(wire.writableLength);
    wire.uncork();
    expect(await attacker.next()).to.equal('42["first"]');
    expect(await attacker.next()).to.equal('42["second"]');
  });

  it("conn.flush does nothing while a polling client has no open request", async () => {
    const { io, client } = await serve();
    const polling = client("/", { transports: ["polling"], upgrade: false });
    const inner = insideSocket(await connection(io));
    const heardBoth = heard(polling, "second");
    inner.packet({ type: PacketType.EVENT, data: ["first"] });
    inner.client.conn.flush();
    inner.packet({ type: PacketType.EVENT, data: ["second"] });
    await heardBoth;
  });

  it("one client.writeToEngine serves all namespaces of a connection", async () => {
    const { io, raw } = await serve();
    const connecting = Promise.all([connection(io), connection(io.of("/admin"))]);
    const attacker = await raw();
    await attacker.connect();
    await attacker.connect("/admin");
    const [socket, admin] = await connecting;
    expect(admin.client).to.equal(socket.client);
    insideSocket(socket).client.writeToEngine = () => undefined;
    admin.emit("silenced");
    Reflect.deleteProperty(insideSocket(socket).client, "writeToEngine");
    admin.emit("heard");
    expect(await attacker.next()).to.equal('42/admin,["heard"]');
  });

  it("socket.packet sends events and acks without calling onAnyOutgoing listeners, which socket.emit calls", async () => {
    const { io, raw } = await serve();
    const connecting = connection(io.of("/chat"));
    const attacker = await raw();
    await attacker.connect("/chat");
    const socket = await connecting;
    const outgoing: unknown[] = [];
    socket.onAnyOutgoing((...event) => outgoing.push(event));
    insideSocket(socket).packet({ type: PacketType.EVENT, data: ["ours", { a: 1 }] });
    insideSocket(socket).packet({ type: PacketType.ACK, id: 4, data: ["answer"] });
    socket.emit("host's");
    expect([await attacker.next(), await attacker.next(), await attacker.next()])
      .to.deep.equal(['42/chat,["ours",{"a":1}]', '43/chat,4["answer"]', `42/chat,["host's"]`]);
    expect(outgoing).to.deep.equal([["host's"]]);
  });

  it("socket.packet is written at once, even before the socket is connected and CONNECT is sent", async () => {
    const { io, raw } = await serve();
    io.use((socket, next) => {
      insideSocket(socket).packet({ type: PacketType.EVENT, data: ["early"] });
      next();
    });
    const attacker = await raw();
    attacker.send("40");
    expect(await attacker.next()).to.equal('42["early"]');
    expect(await attacker.next()).to.match(/^40/);
  });

  it("why: with recovery on, the adapter stores what socket.emit sends, but not what socket.packet sends", async () => {
    const { io, raw } = await serve({ connectionStateRecovery: {} });
    const connecting = connection(io);
    const attacker = await raw();
    await attacker.connect();
    const socket = await connecting;
    const { adapter } = io.sockets as unknown as { adapter: { packets: unknown[] } };
    insideSocket(socket).packet({ type: PacketType.EVENT, data: ["notice"] });
    expect(adapter.packets).to.have.lengthOf(0);
    socket.emit("host's");
    expect(adapter.packets).to.have.lengthOf(1);
  });

  it("why: fetchSockets and cluster adapters transmit the handshake and data unchanged", async () => {
    const { io, client } = await serve();
    await heard(client("/", { auth: { token: "the token" } }), "connect");
    const [socket] = await io.fetchSockets();
    expect(socket!.handshake.auth).to.deep.equal({ token: "the token" });
  });
});
