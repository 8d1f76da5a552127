// How to reach each engine of a server. An engine's middleware sees every HTTP request and upgrade; `cors.origin` and
// `allowRequest` do not.
import { expect } from "chai";
import { createServer } from "node:http";
import { it } from "mocha";
import { WebSocket } from "ws";
import { closeLater, collector, contract, heard, listen } from "./contract.js";
import { insideServer } from "./inside.js";

interface Request {
  method: string;
  headers: Record<string, string>;
  _query: { sid?: string; transport: string };
}
interface Engine {
  use(middleware: (request: Request, response: unknown, next: (error?: Error) => void) => void): void;
}

contract("engines", (serve, socketIo) => {
  it("io.engine is set by io.attach, which passes the engine to a replaced io.bind", async () => {
    const web = createServer();
    const io = new socketIo.Server();
    closeLater(() => { void io.close(); });
    expect(io.engine).to.equal(undefined);
    const bound: unknown[] = [];
    const inner = insideServer(io);
    const original = inner.bind.bind(inner);
    inner.bind = (engine) => { bound.push(engine); return original(engine); };
    io.attach(web);
    await listen(web);
    expect(bound).to.deep.equal([io.engine]);
  });

  it("a second io.attach binds a second engine", async () => {
    const { io } = await serve();
    const first = io.engine as unknown;
    const second = createServer();
    io.attach(second);
    await listen(second);
    expect(io.engine).to.not.equal(first);
  });

  it("engine.use sees every HTTP request and upgrade, including those with an existing sid", async () => {
    const { io, address } = await serve();
    const seen: string[] = [];
    (io.engine as Engine).use((request, _response, next) => {
      const { sid, transport } = request._query;
      seen.push(`${request.method} ${transport} ${sid ? "sid" : "new"} ${request.headers["origin"] ?? ""}`);
      next();
    });
    const polling = `${address}/socket.io/?EIO=4&transport=polling`;
    const sid = await handshake(polling);
    await (await fetch(`${polling}&sid=${sid}`, { method: "POST", body: "40", headers: { Origin: "https://evil.example" } })).text();
    await (await fetch(`${polling}&sid=${sid}`, { headers: { Origin: "https://evil.example" } })).text();
    const upgrade = new WebSocket(`${address.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket&sid=${sid}`, { origin: "https://evil.example" });
    await heard(upgrade, "open");
    upgrade.close();
    expect(seen).to.deep.equal([
      "GET polling new ",
      "POST polling sid https://evil.example",
      "GET polling sid https://evil.example",
      "GET websocket sid https://evil.example",
    ]);
  });

  it("an error in an engine middleware refuses requests and upgrades with status 400", async () => {
    const { io, address } = await serve();
    (io.engine as Engine).use((_request, _response, next) => next(new Error("no")));
    const request = await fetch(`${address}/socket.io/?EIO=4&transport=polling`);
    expect([request.status, await request.json()]).to.deep.equal([400, { code: 3, message: "Bad request" }]);
    const upgrade = new WebSocket(`${address.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
    const [error] = await heard(upgrade, "error");
    expect((error as Error).message).to.equal("Unexpected server response: 400");
  });

  it("an engine middleware may answer requests and upgrades itself", async () => {
    const { io, address } = await serve();
    (io.engine as Engine).use((_request, response) => {
      const { writeHead, end } = response as Record<string, ((...args: unknown[]) => void) | undefined>;
      expect([typeof writeHead, typeof end]).to.deep.equal(["function", "function"]);
      writeHead!.call(response, 403);
      end!.call(response);
    });
    const request = await fetch(`${address}/socket.io/?EIO=4&transport=polling`);
    expect(request.status).to.equal(403);
  });

  it("why: allowRequest runs once; later requests with the same sid and another Origin are accepted", async () => {
    let asked = 0;
    const { address } = await serve({ allowRequest: (_request, answer) => { asked++; answer(null, true); } });
    const polling = `${address}/socket.io/?EIO=4&transport=polling`;
    const sid = await handshake(polling);
    const later = await fetch(`${polling}&sid=${sid}`, { method: "POST", body: "40", headers: { Origin: "https://evil.example" } });
    expect([asked, later.status]).to.deep.equal([1, 200]);
  });

  it("why: cors.origin does not stop a websocket of another origin", async () => {
    const { raw } = await serve({ cors: { origin: "https://good.example" } });
    const attacker = await raw({ headers: { Origin: "https://evil.example" } });
    expect(await attacker.connect()).to.match(/^40/);
  });

  it("why: a client that is refused before the upgrade receives an error without data", async () => {
    const { io, client } = await serve();
    (io.engine as Engine).use((_request, _response, next) => next(new Error("the reason")));
    const [error] = await heard(client(), "connect_error");
    expect(error).to.have.property("message", "websocket error");
    expect(error).to.not.have.property("data");
  });

  it("why: with allowEIO3, a client of protocol 3 enters / without a CONNECT, and its auth for other namespaces comes from the URL", async () => {
    const { io, address } = await serve({ allowEIO3: true });
    const auth = collector<unknown>(2);
    io.use((socket, next) => { auth.push(socket.handshake.auth); next(); });
    io.of("/admin").use((socket, next) => { auth.push({ ...socket.handshake.auth }); next(); });
    const old = new WebSocket(`${address.replace("http", "ws")}/socket.io/?EIO=3&transport=websocket`);
    closeLater(() => old.terminate());
    await heard(old, "open");
    old.send("40/admin?token=in-the-address,");
    expect(await auth.full).to.deep.equal([{}, { token: "in-the-address" }]);
  });
});

async function handshake(polling: string): Promise<string> {
  const opened = await (await fetch(polling)).text();
  return (JSON.parse(opened.slice(1)) as { sid: string }).sid;
}
