// Connection state recovery: when Socket.IO calls its adapter, and what can still be changed on a socket before it connects.
import { expect } from "chai";
import { it } from "mocha";
import type { Socket } from "socket.io";
import { collector, connection, contract, heard, nextTurn, type Served } from "./contract.js";
import { insideNamespace, insideSocket } from "./inside.js";

contract("connection state recovery", (serve) => {
  it("the server fills in the defaults of its options", async () => {
    const { io } = await serve({ connectionStateRecovery: {} });
    expect(insideNamespace(io.sockets).server.opts.connectionStateRecovery).to.deep.equal({ maxDisconnectionDuration: 120_000, skipMiddlewares: true });
  });

  it("a replaced persistSession receives sid, pid, rooms and data of a socket whose connection broke, while the namespace still lists it", async () => {
    const { io, raw } = await serve({ connectionStateRecovery: {} });
    const { adapter } = insideNamespace(io.sockets);
    const seen: unknown[] = [];
    adapter.persistSession = (state) => seen.push(state, io.sockets.sockets.has(state.sid));
    const { attacker, socket } = await member(io, raw);
    expect(insideSocket(socket).adapter).to.equal(adapter);
    attacker.close();
    await heard(socket, "disconnect");
    expect(seen).to.deep.equal([{ sid: socket.id, pid: insideSocket(socket).pid, rooms: [socket.id, "room"], data: {} }, true]);
  });

  it("persistSession is not called when the server disconnects the socket or the client leaves", async () => {
    const { io, raw } = await serve({ connectionStateRecovery: {} });
    let calls = 0;
    insideNamespace(io.sockets).adapter.persistSession = () => { calls += 1; };
    for (const leave of ["server", "client"]) {
      const { attacker, socket } = await member(io, raw);
      const gone = heard(socket, "disconnect");
      if (leave === "server") socket.disconnect(true);
      else attacker.send("41");
      await gone;
    }
    expect(calls).to.equal(0);
  });

  it("restoreSession is not called if pid and offset are removed from the object passed to _add, which becomes handshake.auth", async () => {
    const { io, raw } = await serve({ connectionStateRecovery: {} });
    const namespace = insideNamespace(io.sockets);
    const add = namespace._add.bind(namespace);
    const given: unknown[] = [];
    let questions = 0;
    namespace.adapter.restoreSession = () => (questions += 1);
    namespace._add = (client, auth, connected) => {
      const taken = auth as { pid?: string; offset?: string };
      delete taken.pid;
      delete taken.offset;
      given.push(auth);
      return add(client, auth, connected);
    };
    const connecting = connection(io);
    await (await raw()).connect("/", { pid: "pid", offset: "offset" });
    expect(insideSocket(await connecting).handshake.auth).to.equal(given[0]);
    expect(questions).to.equal(0);
  });

  it("a replaced restoreSession that returns null recovers nothing", async () => {
    const { io, raw } = await serve({ connectionStateRecovery: {} });
    const { attacker, socket, pid, offset } = await member(io, raw);
    attacker.close();
    await heard(socket, "disconnect");
    insideNamespace(io.sockets).adapter.restoreSession = () => null;
    const connecting = connection(io);
    await (await raw()).connect("/", { pid, offset });
    expect((await connecting).recovered).to.be.false;
  });

  it("the in-memory adapter keeps sessions in `sessions`, reads them when restoreSession is called, and does not remove them then", async () => {
    const { io, raw } = await serve({ connectionStateRecovery: {} });
    const { adapter } = insideNamespace(io.sockets);
    const { attacker, socket, offset } = await member(io, raw);
    attacker.close();
    await heard(socket, "disconnect");
    const own = { sid: "sid", pid: "own", rooms: ["room"], data: { kept: { as: "it is" } } };
    adapter.persistSession({ ...own });
    io.to("room").emit("missed", 1);
    for (const isKept of [true, false]) {
      const answer = adapter.restoreSession("own", offset);
      if (!isKept) adapter.sessions.delete("own");
      const { missedPackets, ...rest } = await (answer as Promise<{ missedPackets: unknown[][] }>);
      expect(rest).to.deep.include(own);
      expect(missedPackets.map((packet) => packet.slice(0, 2))).to.deep.equal([["missed", 1]]);
      expect(adapter.sessions.has("own")).to.equal(isKept);
    }
    expect(await adapter.restoreSession("own", offset)).to.be.null;
  });

  it("id, pid, data and recovered can be changed until _doConnect, which may be called from nsp.run", async () => {
    const { io, raw } = await serve({ connectionStateRecovery: {} });
    const namespace = insideNamespace(io.sockets);
    const add = namespace._add.bind(namespace);
    let connectedOf: (socket: Socket) => void = () => undefined;
    namespace._add = (client, auth, connected) => {
      connectedOf = connected;
      return add(client, auth, connected);
    };
    namespace.run = (socket) => void Promise.resolve().then(() => {
      namespace._preConnectSockets.delete(socket.id);
      Object.assign(insideSocket(socket), { id: "another id", pid: "another pid", data: { other: true }, recovered: true });
      namespace._preConnectSockets.set(socket.id, socket);
      void socket.join("room");
      io.to("room").emit("too early");
      namespace._doConnect(socket, connectedOf);
    });
    const connecting = connection(io);
    const attacker = await raw();
    expect(await attacker.connect()).to.equal('40{"sid":"another id","pid":"another pid"}');
    const socket = await connecting;
    expect([socket.id, socket.data, socket.recovered, [...socket.rooms], namespace._preConnectSockets.size])
      .to.deep.equal(["another id", { other: true }, true, ["room", "another id"], 0]);
    expect(io.sockets.sockets.get("another id")).to.equal(socket);
    io.to("room").emit("news");
    expect(await attacker.next()).to.match(/^42\["news"/);
    attacker.close();
    await heard(socket, "disconnect");
    await nextTurn();
    expect(io.sockets.sockets.size).to.equal(0);
  });

  it("socket.recovered is true on a client that receives the same pid again", async () => {
    for (const isSame of [true, false]) {
      const { io, client } = await serve({ connectionStateRecovery: {} });
      const namespace = insideNamespace(io.sockets);
      const original = namespace._doConnect.bind(namespace);
      let count = 0;
      namespace._doConnect = (socket, connected) => {
        insideSocket(socket).pid = isSame ? "always" : `pid ${count += 1}`;
        original(socket, connected);
      };
      const opened = client();
      await heard(opened, "connect");
      const gone = heard(opened, "disconnect");
      (opened.io as unknown as { engine: { close(): void } }).engine.close();
      await gone;
      const again = heard(opened, "connect");
      opened.connect();
      await again;
      expect(opened.recovered).to.equal(isSame);
    }
  });

  it("why: rooms are joined and missed events are sent before a middleware answers, even with skipMiddlewares: false", async () => {
    const { io, raw } = await serve({ connectionStateRecovery: { skipMiddlewares: false } });
    const { attacker, socket, pid, offset } = await member(io, raw);
    attacker.close();
    await heard(socket, "disconnect");
    io.to("room").emit("missed");
    const seen = collector<unknown>(1);
    io.use((coming, next) => { seen.push([...coming.rooms]); next(new Error("no")); });
    const again = await raw();
    again.send(`40${JSON.stringify({ pid, offset })}`);
    expect(await again.next()).to.match(/^42\["missed"/);
    expect(await seen.full).to.deep.equal([[socket.id, "room"]]);
  });
});

/** A raw client in "room" that has received an event, and what it needs to recover. */
async function member(io: Served["io"], raw: Served["raw"]) {
  const connecting = connection(io);
  const attacker = await raw();
  await attacker.connect();
  const socket = await connecting;
  await socket.join("room");
  socket.emit("heard");
  const [, offset] = JSON.parse((await attacker.next()).slice(2)) as [string, string];
  return { attacker, socket, offset, pid: insideSocket(socket).pid };
}
