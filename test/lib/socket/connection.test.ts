// One engine connection with several namespaces: how many handshakes run at the same time, and when a refusal closes the connection.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, type Authenticator, type Denial } from "../../../lib/index.js";
import { draws } from "../../support/draws.js";
import { closeEverything, connectionsOf, event, namespacesOf, nextTurn, pendingIn, refusal, serve, signal, type Claims } from "../../support/server.js";

describe("a connection", () => {
  afterEach(closeEverything);

  it("makes at most one socket of 200 CONNECTs, and is closed", async () => {
    const { io, raw, token } = await serve();
    let connections = 0;
    io.use((_socket, next) => setImmediate(() => next()));
    io.on("connection", () => connections++);
    const attacker = await raw();
    attacker.send(...Array.from({ length: 200 }, () => `40${JSON.stringify({ token: token() })}`));
    await attacker.closed;
    await nextTurn();
    expect(connections).to.be.at.most(1);
    expect([io.sockets.sockets.size, pendingIn(io), connectionsOf(io)]).to.deep.equal([0, 0, 0]);
  });

  it("is closed after a second CONNECT to a namespace that is connected", async () => {
    const { rawMember, token, guarded } = await serve();
    const { raw } = await rawMember();
    raw.send(`40${JSON.stringify({ token: token() })}`);
    await raw.closed;
    expect(guarded.stats().sessions).to.equal(0);
  });

  it("is closed after an event that comes before the handshake is answered", async () => {
    const { io, raw, token } = await serve();
    io.use(() => {});
    const attacker = await raw();
    attacker.send(`40${JSON.stringify({ token: token() })}`, '42["message"]');
    await attacker.closed;
  });

  it("keeps two listeners of its end, as without a guard: Node makes a larger list for a third", async () => {
    const { member } = await serve();
    const { socket } = await member();
    expect((socket.conn as unknown as NodeJS.EventEmitter).listenerCount("close")).to.equal(2);
  });

  it("can be in six namespaces", async () => {
    const { io, connect, token } = await serve();
    const names = ["/", "/a", "/b", "/c", "/d", "/e"];
    names.forEach((name) => io.of(name));
    const first = connect();
    const all = [first, ...names.slice(1).map((name) => first.io.socket(name, { auth: { token: token() } }))];
    await Promise.all(all.map((client) => event(client, "guard:session")));
    expect(connectionsOf(io)).to.equal(1);
  });

  it("runs four handshakes at the same time, and the others after them", async () => {
    const opened = signal();
    const asked: string[] = [];
    const slow: Authenticator<Claims> = { name: "slow", authenticate: async ({ namespace }) => { asked.push(namespace); await opened.promise; return undefined; } };
    const { io, raw } = await serve({ authenticate: [slow, anonymous()] });
    const names = ["/a", "/b", "/c", "/d", "/e", "/f"];
    names.forEach((name) => io.of(name));
    const client = await raw();
    client.send(...names.map((name) => `40${name},`));
    while (asked.length < 4) await nextTurn();
    await nextTurn();
    expect(asked).to.deep.equal(names.slice(0, 4));
    opened.settle();
    await Promise.all(names.map((name) => client.next((frame) => frame.startsWith(`40${name},`))));
    expect(asked).to.deep.equal(names);
  });

  it("is closed after a flood of CONNECTs while handshakes are pending", async () => {
    const { io, raw } = await serve({ authenticate: { name: "slow", authenticate: () => new Promise(() => {}) } });
    io.of(/^\/room-/);
    const attacker = await raw();
    attacker.send(...Array.from({ length: 40 }, (_, nth) => `40/room-${nth},`));
    await attacker.closed;
  });

  it("keeps its sockets when another namespace refuses it", async () => {
    const { io, member } = await serve();
    io.of("/admin");
    const { client, socket } = await member();
    socket.on("message", (ack: (text: string) => void) => ack("still here"));
    const admin = client.io.socket("/admin", { auth: { token: "no token" } });
    expect((await refusal(admin)).data?.code).to.equal("token_malformed");
    await nextTurn();
    expect(await client.emitWithAck("message")).to.equal("still here");
  });

  it("ends with all its sockets at the third refusal, and they are told why", async () => {
    const { io, rawMember } = await serve();
    io.of("/admin");
    const { raw } = await rawMember();
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      expect(await raw.connect("/admin", { token: "a guess" })).to.contain("token_malformed");
    }
    expect(await raw.next((frame) => frame.includes("guard:bye"))).to.contain('"code":"token_malformed"');
    await raw.closed;
  });

  it("stays open after two refusals and a success", async () => {
    const { io, rawMember, token } = await serve();
    io.of("/admin");
    const { raw, socket } = await rawMember();
    await raw.connect("/admin", {});
    await raw.connect("/admin", {});
    expect(await raw.connect("/admin", { token: token() })).to.match(/^40/);
    expect(socket.connected).to.be.true;
  });

  it("stays open after a third refusal if the others are more than a minute old", async () => {
    const { io, rawMember } = await serve();
    io.of("/admin");
    const { raw, socket } = await rawMember();
    await raw.connect("/admin", {});
    await raw.connect("/admin", {});
    await later(60_000, () => raw.connect("/admin", {}));
    await nextTurn();
    expect(socket.connected).to.equal(true);
  });

  it("stays open after refusals for a fault of the server", async () => {
    const { io, guarded, rawMember } = await serve();
    io.of("/broken");
    guarded.of("/broken", { authenticate: { name: "broken", authenticate: () => { throw new Error("The database is down."); } } });
    const { raw, socket } = await rawMember();
    for (let attempt = 1; attempt <= 4; attempt += 1) expect(await raw.connect("/broken", {})).to.contain('"unavailable"');
    await nextTurn();
    expect(socket.connected).to.equal(true);
  });

  for (const transport of ["websocket", "polling"] as const) {
    it(`is closed when its only handshake is refused, and the client is told why (${transport})`, async () => {
      const { io, connect } = await serve();
      const closed = new Promise((resolve) => io.engine.once("connection", (conn: { once(name: string, listener: (reason: unknown) => void): void }) => conn.once("close", resolve)));
      expect((await refusal(connect("/", { transports: [transport], auth: {} }))).data).to.deep.include({ code: "token_missing", reconnect: "refresh" } satisfies Partial<Denial>);
      await closed;
      expect(connectionsOf(io)).to.equal(0);
    });
  }

  it("is closed when a middleware of the host refuses its only handshake", async () => {
    const { io, raw, token } = await serve();
    io.use((_socket, next) => next(new Error("full")));
    const client = await raw();
    expect(await client.connect("/", { token: token() })).to.equal('44{"message":"full"}');
    await client.closed;
  });

  it("gives way to a new one if the client is refused in one namespace and wants into another", async () => {
    const { io, guarded, connect } = await serve();
    guarded.of("/public", { authenticate: anonymous() });
    io.of("/public");
    const refused = connect("/", { auth: {}, transports: ["polling", "websocket"], reconnection: true, reconnectionDelay: 1 });
    const open = refused.io.socket("/public");
    await Promise.all([refusal(refused), event(open, "connect")]);
  });

  it("leaves no dynamic namespace after 20,000 refused CONNECTs, with cleanupEmptyChildNamespaces", async () => {
    const { io, raw, guarded } = await serve({ server: { cleanupEmptyChildNamespaces: true } });
    io.of(/^\/room-/);
    const count = draws(20_000);
    for (let nth = 0; nth < count; nth += 40) {
      const attackers = await Promise.all(Array.from({ length: 20 }, () => raw()));
      attackers.forEach((attacker, place) => attacker.send(`40/room-${nth + place},`, `40/room-${nth + place + 20},{"token":"guess"}`));
      await Promise.all(attackers.map((attacker) => attacker.closed));
    }
    expect(namespacesOf(io)).to.deep.equal(["/"]);
    expect(connectionsOf(io)).to.equal(0);
    expect(guarded.stats()).to.include({ sessions: 0 });
  });

  it("leaves no dynamic namespace after a flood of CONNECTs, with cleanupEmptyChildNamespaces", async () => {
    const { io, raw } = await serve({ server: { cleanupEmptyChildNamespaces: true } });
    io.of(/^\/room-/);
    const attacker = await raw();
    attacker.send(...Array.from({ length: draws(20_000) }, (_, nth) => `40/room-${nth},`));
    await attacker.closed;
    await nextTurn();
    expect(namespacesOf(io)).to.deep.equal(["/"]);
  });
});

/** Runs something with the clock set forward. */
async function later<Result>(ms: number, run: () => Promise<Result>): Promise<Result> {
  const { now } = Date;
  Date.now = () => now() + ms;
  try {
    return await run();
  } finally {
    Date.now = now;
  }
}
