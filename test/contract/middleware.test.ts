// `nsp.run` runs all middlewares of a namespace, and every namespace can be reached before its first connection.
import { expect } from "chai";
import { it } from "mocha";
import type { Socket } from "socket.io";
import { collector, contract, heard, nextTurn } from "./contract.js";
import { insideNamespace, insideServer, type Done } from "./inside.js";

contract("the middleware of a namespace", (serve) => {
  it("a replaced nsp.run runs instead of the middlewares, and may call done on a later tick", async () => {
    const { io, client } = await serve();
    const ran: string[] = [];
    io.use((_socket, next) => { ran.push("host"); next(); });
    insideNamespace(io.sockets).run = (_socket, done) => {
      ran.push("own");
      setImmediate(done);
    };
    await heard(client(), "connect");
    expect(ran).to.deep.equal(["own"]);
  });

  it("the original run, called from a replaced one, runs nsp._fns", async () => {
    const { io, client } = await serve();
    const ran: string[] = [];
    io.use((_socket, next) => { ran.push("host"); next(); });
    const namespace = insideNamespace(io.sockets);
    const original = namespace.run.bind(namespace);
    namespace.run = (socket, done) => original(socket, (error) => { ran.push("done"); done(error); });
    namespace._fns.unshift((_socket, next) => { ran.push("first"); next(); });
    await heard(client(), "connect");
    expect(ran).to.deep.equal(["first", "host", "done"]);
  });

  it("done(error) refuses the client with connect_error, which has the error's message and data", async () => {
    const { io, client } = await serve();
    insideNamespace(io.sockets).run = (_socket, done) => setImmediate(done, refusal());
    const [error] = await heard(client(), "connect_error");
    expect(error).to.include({ message: "no" }).and.to.have.property("data").that.deep.equals({ code: "token_missing" });
  });

  it("done accepts a plain object, of which message and data reach the client", async () => {
    const { io, raw } = await serve();
    insideNamespace(io.sockets).run = (_socket, done) => done({ message: "no", data: { code: 1 }, secret: "kept" } as unknown as Error);
    const attacker = await raw();
    expect(await attacker.connect()).to.equal('44{"message":"no","data":{"code":1}}');
  });

  it("every CONNECT calls a replaced io.of: for static, dynamic and existing namespaces", async () => {
    const { io, client } = await serve();
    io.of("/static");
    io.of(/^\/child-\d+$/);
    const asked: unknown[] = [];
    const inner = insideServer(io);
    const original = inner.of.bind(io);
    inner.of = (name, listener) => { asked.push(name); return original(name, listener); };
    for (const name of ["/", "/static", "/child-1", "/child-1"]) await heard(client(name), "connect");
    expect(asked).to.deep.equal(["/", "/static", "/child-1", "/child-1"]);
  });

  it("a replaced nsp._add runs before the socket exists, and may call the original one", async () => {
    const { io, client } = await serve();
    const namespace = insideNamespace(io.sockets);
    const original = namespace._add.bind(namespace);
    let waiting = -1;
    namespace._add = async (...given) => { waiting = namespace._preConnectSockets.size; await original(...given); };
    await heard(client(), "connect");
    expect(waiting).to.equal(0);
  });

  it("io.of fires new_namespace on io for a static namespace", async () => {
    const { io } = await serve();
    const names: string[] = [];
    io.on("new_namespace", (namespace) => names.push(namespace.name));
    io.of("/admin");
    io.of("/admin");
    expect(names).to.deep.equal(["/admin"]);
    expect([...insideServer(io)._nsps.keys()]).to.deep.equal(["/", "/admin"]);
  });

  it("new_namespace fires for a dynamic namespace before the middlewares run for the connection that creates it", async () => {
    const { io, client } = await serve();
    const order: string[] = [];
    io.of(/^\/room-\d+$/);
    io.on("new_namespace", (namespace) => {
      order.push(`new ${namespace.name}`);
      insideNamespace(namespace).run = (_socket, done) => { order.push("run"); done(); };
    });
    await heard(client("/room-1"), "connect");
    expect(order).to.deep.equal(["new /room-1", "run"]);
  });

  it("new_namespace also fires for children of io.of(function)", async () => {
    const { io, client } = await serve();
    const order: string[] = [];
    io.of((_name, _auth, next) => { next(null, true); });
    io.on("new_namespace", (namespace) => {
      insideNamespace(namespace).run = (_socket, done) => { order.push(namespace.name); done(); };
    });
    await heard(client("/anything"), "connect");
    expect(order).to.deep.equal(["/anything"]);
  });

  it("a child has copied its parent's middlewares before new_namespace fires; only _fns.unshift runs before them", async () => {
    const { io, client } = await serve();
    const order: string[] = [];
    io.of(/^\/child$/).use((_socket, next) => { order.push("parent's"); next(); });
    io.on("new_namespace", (namespace) => {
      namespace.use((_socket, next) => { order.push("pushed"); next(); });
      insideNamespace(namespace)._fns.unshift((_socket: Socket, next: Done) => { order.push("unshifted"); next(); });
    });
    await heard(client("/child"), "connect");
    expect(order).to.deep.equal(["unshifted", "parent's", "pushed"]);
  });

  it("a connection that closes while its middleware runs is cleaned up, and done() then connects no socket", async () => {
    const { io, raw } = await serve();
    const pending = collector<[Socket, () => void]>(1);
    io.use((socket, next) => pending.push([socket, next]));
    const attacker = await raw();
    attacker.send("40");
    const [[socket, next]] = await pending.full as [[Socket, () => void]];
    const gone = heard(socket.conn, "close");
    attacker.close();
    await gone;
    expect(insideNamespace(io.sockets)._preConnectSockets.size).to.equal(1);
    next();
    await nextTurn();
    expect(insideNamespace(io.sockets)._preConnectSockets.size).to.equal(0);
    expect(io.sockets.sockets.size).to.equal(0);
  });
});

function refusal(): Error & { data: object } {
  return Object.assign(new Error("no"), { data: { code: "token_missing" } });
}
