// How to end a connection so that the client learns why and does not reconnect by itself, and nothing stays open.
import { expect } from "chai";
import { it } from "mocha";
import type { Socket } from "socket.io";
import { collector, connection, contract, heard, nextTurn } from "./contract.js";
import { insideSocket, type InsideSocket } from "./inside.js";

contract("ending", (serve) => {
  for (const transport of ["websocket", "polling"] as const) {
    it(`disconnect(true) closes every namespace, after the client received earlier events and acks (${transport})`, async () => {
      const { io, client } = await serve();
      const admins = connection(io.of("/admin"));
      const member = client("/", { transports: [transport] });
      const admin = member.io.socket("/admin");
      admin.connect();
      const [socket] = await Promise.all([connection(io), admins, heard(admin, "connect")]);
      const heardInOrder: unknown[] = [];
      member.on("bye", (reason) => heardInOrder.push(reason));
      socket.on("end", (ack: (answer: string) => void) => {
        ack("acked");
        socket.emit("bye", "emitted");
        socket.disconnect(true);
      });
      const [[reason], [adminsReason]] = await Promise.all([
        heard(member, "disconnect"),
        heard(admin, "disconnect"),
        heard(socket.conn, "close"),
        member.emitWithAck("end").then((answer) => heardInOrder.push(answer)),
      ]);
      expect(heardInOrder.sort()).to.deep.equal(["acked", "emitted"]);
      expect([reason, adminsReason]).to.deep.equal(["io server disconnect", "io server disconnect"]);
      expect(member.active, "does not reconnect by itself").to.be.false;
      expect(io.sockets.sockets.size + io.of("/admin").sockets.size).to.equal(0);
    });
  }

  it("disconnect(true) sends DISCONNECT for each namespace and then closes the websocket", async () => {
    const { io, raw } = await serve();
    const attacker = await raw();
    const connecting = connection(io);
    io.of("/admin");
    await attacker.connect();
    await attacker.connect("/admin");
    (await connecting).disconnect(true);
    await attacker.closed;
    expect(attacker.frames.slice(2)).to.deep.equal(["41", "41/admin,"]);
  });

  it("after conn.close() alone, the client sees transport close and reconnects, so it does not suit a denial", async () => {
    const { io, client } = await serve();
    const connecting = connection(io);
    const member = client("/", { reconnection: true, reconnectionDelay: 60_000 });
    const socket = await connecting;
    const leaving = heard(member, "disconnect");
    insideSocket(socket).client.conn.close();
    expect((await leaving)[0]).to.equal("transport close");
    expect(member.active).to.be.true;
  });

  for (const transport of ["websocket", "polling"] as const) {
    it(`after next(error) and conn.close() on the next turn, the client receives connect_error and the transport closes (${transport})`, async () => {
      const { io, client } = await serve();
      const closing = collector<unknown>(1);
      io.use((socket, next) => {
        const { conn } = (socket as unknown as InsideSocket).client;
        socket.conn.once("close", closing.push);
        next(Object.assign(new Error("no"), { data: { code: "forbidden" } }));
        setImmediate(() => conn.close());
      });
      const [error] = await heard(client("/", { transports: [transport] }), "connect_error");
      expect(error).to.have.property("data").that.deep.equals({ code: "forbidden" });
      await closing.full;
    });
  }

  it("why: without conn.close(), a refused handshake keeps its transport open", async () => {
    const { io, raw } = await serve();
    io.use((_socket, next) => next(new Error("no")));
    const attacker = await raw();
    await attacker.connect();
    expect(await attacker.connect()).to.equal('44{"message":"no"}');
    expect((io.engine as { clientsCount: number }).clientsCount).to.equal(1);
  });

  it("why: closing the transport after one namespace refused ends the sockets of the others without a reason", async () => {
    const { io, client } = await serve();
    io.of("/admin").use((socket, next) => {
      const { conn } = (socket as unknown as InsideSocket).client;
      next(new Error("no"));
      setImmediate(() => conn.close());
    });
    const member = client();
    await heard(member, "connect");
    const leaving = heard(member, "disconnect");
    member.io.socket("/admin").connect();
    expect((await leaving)[0]).to.equal("transport close");
  });

  it("why: after disconnect(true), decoded packets still reach onAny, socket.use and ack callbacks", async () => {
    const { io, raw } = await serve();
    const ran = collector<string>(3);
    io.on("connection", (socket) => {
      socket.emit("question", () => ran.push("ack"));
      socket.onAny((name) => {
        if (name === "end") return void socket.disconnect(true);
        ran.push("onAny");
        socket.use((_event, next) => { ran.push("use"); next(); });
      });
    });
    const attacker = await raw();
    await attacker.connect();
    const question = await attacker.next((frame) => frame.includes("question"));
    attacker.send('42["end"]', '42["late"]', `43${/^42(\d+)/.exec(question)![1]}[]`);
    expect(await ran.full).to.deep.equal(["onAny", "use", "ack"]);
  });

  it("why: a handler that is still running after the end can still use io.emit and socket.broadcast", async () => {
    const { io, raw } = await serve();
    const neighbour = await raw();
    await neighbour.connect();
    const connecting = connection(io);
    const attacker = await raw();
    await attacker.connect();
    const socket = await connecting;
    socket.disconnect(true);
    await attacker.closed;
    socket.emit("to itself");
    io.emit("from io");
    socket.broadcast.emit("from the socket");
    expect([await neighbour.next(), await neighbour.next()]).to.deep.equal(['42["from io"]', '42["from the socket"]']);
    expect(attacker.frames.slice(1)).to.deep.equal(["41"]);
  });

  it("a socket that has disconnected cannot join a room again", async () => {
    const { io, client } = await serve();
    const connecting = connection(io);
    client();
    const socket: Socket = await connecting;
    socket.disconnect(true);
    await socket.join("room");
    await nextTurn();
    expect(io.sockets.adapter.rooms.has("room")).to.be.false;
  });
});
