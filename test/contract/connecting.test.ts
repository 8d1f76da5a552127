// Between the middlewares and the host's connection listeners, Socket.IO calls one function: `nsp._doConnect`.
import { expect } from "chai";
import { it } from "mocha";
import type { Socket } from "socket.io";
import { collector, contract, heard, nextTurn } from "./contract.js";
import { insideNamespace, insideSocket } from "./inside.js";

contract("connecting", (serve) => {
  it("if nsp._doConnect is replaced by a function that does nothing, no socket connects", async () => {
    const { io, raw } = await serve();
    const asked = collector<Socket>(1);
    let connections = 0;
    insideNamespace(io.sockets)._doConnect = asked.push;
    io.on("connection", () => connections++);
    const attacker = await raw();
    attacker.send("40");
    const [socket] = await asked.full as [Socket];
    await nextTurn();
    expect(socket.connected).to.be.false;
    expect(connections).to.equal(0);
    expect(attacker.frames).to.deep.equal([]);
  });

  it("a replaced nsp._doConnect may call the original one on a later tick", async () => {
    const { io, client } = await serve();
    const namespace = insideNamespace(io.sockets);
    const original = namespace._doConnect.bind(namespace);
    namespace._doConnect = (socket, connected) => void setImmediate(() => original(socket, connected));
    const [[socket]] = await Promise.all([heard(io, "connection"), heard(client(), "connect")]);
    expect((socket as Socket).connected).to.be.true;
  });

  it("calling next() twice calls nsp._doConnect twice", async () => {
    const { io, client } = await serve();
    const namespace = insideNamespace(io.sockets);
    const original = namespace._doConnect.bind(namespace);
    const asked = collector<Socket>(2);
    namespace._doConnect = (socket, connected) => { asked.push(socket); original(socket, connected); };
    io.use((_socket, next) => { next(); next(); });
    client();
    const [first, second] = await asked.full;
    expect(first).to.equal(second);
  });

  it("the callback of _doConnect runs after CONNECT is written and before the connect and connection listeners", async () => {
    const { io, client } = await serve();
    const order: string[] = [];
    const namespace = insideNamespace(io.sockets);
    const original = namespace._doConnect.bind(namespace);
    namespace._doConnect = (socket, connected) => {
      const { client: inner } = insideSocket(socket);
      const write = inner.writeToEngine.bind(inner);
      inner.writeToEngine = (encoded, options) => { order.push("written"); write(encoded, options); };
      original(socket, (argument) => {
        expect(inner.nsps.has("/")).to.be.false;
        connected(argument);
        order.push(argument === socket && inner.nsps.get("/") === socket ? "callback" : "another socket");
      });
    };
    io.on("connect", () => order.push("connect"));
    io.on("connection", () => order.push("connection"));
    await heard(client(), "connect");
    expect(order).to.deep.equal(["written", "callback", "connect", "connection"]);
  });

  it("when the callback of _doConnect runs, socket.connected is true and nsp.sockets holds the socket", async () => {
    const { io, client } = await serve();
    const seen = collector<boolean[]>(1);
    const namespace = insideNamespace(io.sockets);
    const original = namespace._doConnect.bind(namespace);
    namespace._doConnect = (socket, connected) => original(socket, (argument) => {
      connected(argument);
      seen.push([socket.connected, io.sockets.sockets.has(socket.id)]);
    });
    client();
    expect(await seen.full).to.deep.equal([[true, true]]);
  });

  it("a listener that is prepended to connect on a namespace runs before the host's listeners", async () => {
    const { io, client } = await serve();
    const order: string[] = [];
    io.on("connection", () => order.push("host's connection"));
    io.on("connect", () => order.push("host's connect"));
    io.sockets.prependListener("connect", () => order.push("ours"));
    await heard(client(), "connect");
    expect(order).to.deep.equal(["ours", "host's connect", "host's connection"]);
  });

  it("why: disconnect(true) in a middleware has no effect, and the socket connects", async () => {
    const { io, client } = await serve();
    io.use((socket, next) => {
      socket.disconnect(true);
      next();
    });
    await heard(client(), "connect");
  });

  it("why: a socket that a middleware disconnected, and then admitted, receives broadcasts", async () => {
    const { io, client } = await serve();
    const pending = collector<[Socket, () => void]>(1);
    io.use((socket, next) => pending.push([socket, next]));
    const opened = client();
    const [[socket, next]] = await pending.full as [[Socket, () => void]];
    socket.disconnect(true);
    next();
    await heard(opened, "connect");
    const news = heard(opened, "news");
    io.emit("news", 1);
    expect(await news).to.deep.equal([1]);
  });
});
