// What happens to a client with one connection, handshake or byte too many.
import { once, type EventEmitter } from "node:events";
import { createServer, request, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { WebSocket } from "ws";
import { anyone, signedIn } from "../../../lib/index.js";
import type { Denial } from "../../../lib/protocol.js";
import { temporaryFolder } from "../../support/real-server.js";
import { closeEverything, closeLater, event, refusal, serve, signal } from "../../support/server.js";

describe("limits.connections", () => {
  afterEach(closeEverything);

  for (const transport of ["websocket", "polling"] as const) {
    it(`refuses one too many of an address by ${transport}, until another one has closed`, async () => {
      const { member, connect, guarded } = await serve({ limits: { connections: { address: 2 } } });
      const refused: unknown[] = [];
      guarded.on("refused", ({ code, reason }) => refused.push([code, reason]));
      const hits: unknown[] = [];
      guarded.on("limitHit", ({ limit }) => hits.push(limit));
      const [first] = [await member("/", { transports: [transport] }), await member("/", { transports: [transport] })];
      expect((await refusal(connect("/", { transports: [transport] }))).data).to.include({ code: "connection_limit", status: 429, reconnect: "later" });
      expect(refused).to.deep.equal([["connection_limit", "there are more connections than `limits.connections.address` allows"]]);
      expect(hits).to.deep.equal(["connections"]);
      const gone = event(first.socket.conn as never, "close");
      first.client.disconnect();
      await gone;
      await member("/", { transports: [transport] });
    });
  }

  it("counts clients of a trusted proxy by their own addresses, and all of them for the server", async () => {
    const { member, connect } = await serve({ trustProxy: 1, limits: { connections: { address: 1, server: 3 } } });
    const from = (address: string) => ({ extraHeaders: { "X-Forwarded-For": address } });
    await member("/", from("192.0.2.1"));
    expect((await refusal(connect("/", from("192.0.2.1")))).data?.code).to.equal("connection_limit");
    await member("/", from("192.0.2.2"));
    await member("/", from("192.0.2.3"));
    expect((await refusal(connect("/", from("192.0.2.4")))).data?.code).to.equal("connection_limit");
  });

  it("drops a refused client that does not ask why, and lets others in meanwhile", async () => {
    const { io, address, member } = await serve({ trustProxy: 1, limits: { connections: { address: 1, server: 2 } } });
    const from = (client: string) => ({ "X-Forwarded-For": client });
    const open = async () => (await fetch(`${address}/socket.io/?EIO=4&transport=polling`, { headers: from("192.0.2.1") })).text();
    await open();
    const arrived = event<EventEmitter>(io.engine, "connection");
    await Promise.all([open(), arrived]);
    const dropped = event(await arrived, "close");
    await member("/", { extraHeaders: from("192.0.2.2") });
    await dropped;
    expect(io.engine.clientsCount).to.equal(2);
  });

  for (const transport of ["websocket", "polling"] as const) {
    it(`does not fail when a client resets its connection before the handshake by ${transport}`, async () => {
      const { io, address, member } = await serve();
      const engine = io.engine as unknown as { generateId(request: IncomingMessage): Promise<string> };
      const generateId = engine.generateId.bind(engine);
      engine.generateId = (request) => {
        engine.generateId = generateId;
        request.socket.destroy();
        return generateId(request);
      };
      const arrived = event<{ readonly remoteAddress: unknown }>(io.engine, "connection");
      if (transport === "websocket") new WebSocket(`${address.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`).on("error", () => undefined);
      else fetch(`${address}/socket.io/?EIO=4&transport=polling`).catch(() => undefined);
      expect(await arrived).to.have.property("remoteAddress", undefined);
      await member();
    });
  }

  it("counts clients of a Unix socket by the addresses that a trusted proxy saw, and those of no proxy only for the server", async () => {
    const path = join(await temporaryFolder(), "server.sock");
    const { io } = await serve({ trustProxy: 1, limits: { connections: { address: 1, server: 4 } } });
    const web = createServer((asked, response) => io.engine.handleRequest(asked as never, response)).listen(path);
    closeLater(() => web.close());
    await once(web, "listening");
    const open = async (headers: Record<string, string> = {}) => {
      const asked = request({ socketPath: path, path: "/socket.io/?EIO=4&transport=polling", headers }).end();
      const [response] = await once(asked, "response") as [IncomingMessage];
      const sid = /"sid":"([^"]+)"/.exec(await text(response))![1]!;
      return (io.engine as unknown as { clients: Record<string, { readonly readyState: string }> }).clients[sid]!.readyState;
    };
    const from = { "X-Forwarded-For": "192.0.2.1" };
    expect([await open(), await open(), await open(from)]).to.deep.equal(["open", "open", "open"]);
    expect(await open(from)).not.to.equal("open");
    expect([await open(), await open()]).to.deep.equal(["open", "closing"]);
  });

  it("only reports in report mode", async () => {
    const { member, guarded } = await serve({ mode: "report", limits: { connections: { address: 1 } } });
    await member();
    await member();
    expect(guarded.report().wouldRefuse).to.deep.equal([{ code: "connection_limit", reason: "there are more connections than `limits.connections.address` allows", count: 1 }]);
  });
});

describe("limits.pendingHandshakes", () => {
  afterEach(closeEverything);

  it("refuses one too many, until another one is answered", async () => {
    const answer = signal<object>();
    const asked = signal();
    let count = 0;
    const slow = { name: "slow", authenticate: () => { count += 1; if (count === 2) asked.settle(); return answer.promise; } };
    const { connect, guarded } = await serve({ authenticate: slow as never, limits: { pendingHandshakes: 2 } });
    const clients = [connect(), connect()];
    await asked.promise;
    expect((await refusal(connect())).data).to.include({ code: "connection_limit", reconnect: "later", retryAfter: 1_000 });
    expect(guarded.stats().limitHits).to.deep.equal({ pendingHandshakes: 1 });
    const connected = clients.map((client) => event(client, "guard:session"));
    answer.settle({ method: "slow", subject: "alice", claims: {}, notBefore: -Infinity, endsAt: Infinity });
    await Promise.all(connected);
    await event(connect(), "guard:session");
  });
});

describe("limits.messageSize", () => {
  afterEach(closeEverything);
  const setting = { events: { message: signedIn, hello: anyone }, limits: { messageSize: 1_000 } };

  it("denies a longer event through its ack, or with guard:denied", async () => {
    const { member } = await serve(setting);
    const { client, socket } = await member();
    socket.on("message", (_text: string, ack: (answer: string) => void) => ack("ok"));
    expect(await client.emitWithAck("message", "x".repeat(900))).to.equal("ok");
    expect((await client.emitWithAck("message", "x".repeat(1_000)) as { error: Denial }).error).to.include({ code: "payload_too_large", status: 413 });
    const denied = event<Denial>(client, "guard:denied");
    client.emit("message", "x".repeat(1_000));
    expect((await denied).code).to.equal("payload_too_large");
    expect(await client.emitWithAck("message", "again"), "the connection goes on").to.equal("ok");
  });

  it("counts bytes, and not characters", async () => {
    const { member } = await serve(setting);
    const { client } = await member();
    expect((await client.emitWithAck("message", "é".repeat(600)) as { error: Denial }).error.code).to.equal("payload_too_large");
  });

  it("denies it in its own namespace", async () => {
    const { io, connect } = await serve(setting);
    io.of("/admin");
    const [main, admin] = [connect("/", { forceNew: false }), connect("/admin", { forceNew: false })];
    await Promise.all([event(main, "guard:session"), event(admin, "guard:session")]);
    expect((await admin.emitWithAck("message", "x".repeat(1_000)) as { error: Denial }).error.code).to.equal("payload_too_large");
  });

  it("ends a session for binary data that is too large, because the event cannot be put together", async () => {
    const { member } = await serve(setting);
    const { client } = await member();
    const bye = event<Denial>(client, "guard:bye");
    client.emit("message", Buffer.alloc(2_000));
    expect(await bye).to.include({ code: "payload_too_large", reconnect: "later" });
  });

  it("closes a connection without a session, and disconnects after twenty denials", async () => {
    const { raw, rawMember } = await serve(setting);
    const stranger = await raw();
    stranger.send(`40${JSON.stringify({ token: "x".repeat(2_000) })}`);
    await stranger.closed;
    const { raw: flooding } = await rawMember();
    for (let nth = 0; nth < 20; nth += 1) flooding.send(`42["message","${"x".repeat(1_000)}"]`);
    expect(await flooding.next((frame) => frame.includes("guard:bye"))).to.include("rate_limited");
  });
});

describe("a large message that is nested too deep", () => {
  afterEach(closeEverything);
  const deep = "[".repeat(400_000) + "]".repeat(400_000);

  it("is denied without being decoded, through its ack or with guard:denied, and the connection goes on", async () => {
    const { rawMember } = await serve({ events: { message: signedIn } });
    const { raw, socket } = await rawMember();
    socket.on("message", (...args: unknown[]) => (args.at(-1) as (answer: string) => void)("ok"));
    const decoder = (socket as unknown as { client: { decoder: { add(message: unknown): void } } }).client.decoder;
    const decoded: unknown[] = [];
    const add = decoder.add.bind(decoder);
    decoder.add = (message) => { decoded.push(message); add(message); };
    raw.send(`427["message",${deep}]`);
    expect(await raw.next((frame) => frame.startsWith("437"))).to.include('"code":"event_malformed"');
    raw.send(`42["message",${deep}]`);
    expect(await raw.next((frame) => frame.includes("guard:denied"))).to.include('"code":"event_malformed"');
    expect(decoded).to.deep.equal([]);
    raw.send(`428["message",${JSON.stringify(`${deep}\\"`)}]`);
    expect(await raw.next((frame) => frame.startsWith("438"))).to.equal('438["ok"]');
  });

  it("ends a session if it is no event", async () => {
    const { rawMember } = await serve({ events: { message: signedIn } });
    const { raw } = await rawMember();
    raw.send(`431[${deep}]`);
    expect(await raw.next((frame) => frame.includes("guard:bye"))).to.include('"code":"event_malformed"');
  });

  it("closes a connection that has sent no CONNECT before, without being decoded", async () => {
    const { raw, io } = await serve();
    for (const type of ["40", "42", "4"]) {
      const stranger = await raw();
      stranger.send(`${type}${deep}`);
      await stranger.closed;
      expect(stranger.frames).to.deep.equal([]);
    }
    expect(io.sockets.sockets.size).to.equal(0);
  });

  it("reaches its handler in report mode, as on a server without a guard", async () => {
    const { rawMember } = await serve({ mode: "report", events: {} });
    const { raw, socket } = await rawMember();
    const arrived = event<unknown>(socket, "message");
    raw.send(`42["message",${deep}]`);
    expect(await arrived).to.be.an("array");
  });
});
