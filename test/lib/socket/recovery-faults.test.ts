// Recovery where something goes wrong: the connection, the adapter, the session or the server ends in the middle of it.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import type { Server } from "socket.io";
import { answered, breakOff, comeBack, hear, keepHeard, mark, secretOf } from "../../support/returning.js";
import { closeEverything, event, namespacesOf, nextTurn, nextUncaught, pendingIn, refusal, serve, signal, type Served, type Setting } from "../../support/server.js";
import { memberOf } from "./recovery-suite.js";

type Restore = (pid: string, offset: string) => unknown;

const on = { connectionStateRecovery: {} };

/** A server whose adapter's restoreSession is another one, which is given the original. */
function serveRestoring(other: (original: Restore) => Restore, setting: Setting = {}): Promise<Served> {
  return serve({ server: on, ...setting, before: (io) => {
    const { adapter } = io.sockets;
    adapter.restoreSession = other(adapter.restoreSession.bind(adapter)) as never;
  } });
}

/** What the guard itself could not do, as it tells it. */
function failures({ guarded }: Served): unknown[] {
  const all: unknown[] = [];
  guarded.on("failed", ({ in: where, error }) => all.push([where, (error as Error).message]));
  return all;
}

const kept = (io: Server): Map<string, { data: { guard: { until: number } } }> => (io.sockets.adapter as never as { sessions: never }).sessions;

describe("recovery where something goes wrong", () => {
  afterEach(closeEverything);

  it("an adapter that throws or rejects: the client connects as any other, and the host is told", async () => {
    for (const restore of [() => { throw new Error("no store"); }, () => Promise.reject(new Error("no store"))]) {
      const node = await serveRestoring(() => restore);
      const told = failures(node);
      const { client, socket } = await memberOf(node);
      await breakOff(client, socket);
      await comeBack(client);
      expect([client.recovered, told]).to.deep.equal([false, [["recovery", "no store"]]]);
    }
  });

  it("an adapter that says with a string that it has none is no failure, and neither is an answer that the guard did not write", async () => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as redis-streams does
    for (const restore of [() => Promise.reject("session or offset not found"), () => ({ sid: "x", rooms: ["room"], data: {}, missedPackets: [] }), () => null]) {
      const node = await serveRestoring(() => restore);
      const told = failures(node);
      const { client, socket } = await memberOf(node);
      await breakOff(client, socket);
      await comeBack(client);
      expect([client.recovered, told, node.io.sockets.sockets.get(client.id!)!.rooms.size]).to.deep.equal([false, [], 1]);
    }
  });

  it("an adapter that does not answer is waited for as long as authenticateTimeout", async () => {
    const node = await serveRestoring(() => () => new Promise(() => undefined), { authenticateTimeout: 30 });
    const told = failures(node);
    const { client, socket } = await memberOf(node);
    await breakOff(client, socket);
    await comeBack(client);
    expect([client.recovered, told]).to.deep.equal([false, [["recovery", "The adapter's restoreSession took longer than authenticateTimeout."]]]);
  });

  it("an adapter that hands out the same twice: there are never two sockets with one id", async () => {
    let found: unknown;
    const node = await serveRestoring((original) => async (pid, offset) => (found = (await original(pid, offset)) ?? found));
    const { client, socket } = await memberOf(node);
    const secret = await breakOff(client, socket);
    await comeBack(client);
    const other = node.connect("/", { auth: { ...secret, token: node.token() } });
    await answered(other);
    expect([client.recovered, other.recovered, other.id === client.id]).to.deep.equal([true, false, false]);
  });

  it("whatever way the name that the adapter knows gets to Socket.IO, it restores nothing by itself", async () => {
    const inherited = {};
    const node = await serve({ server: on, before: (io) => {
      const namespace = io.sockets as unknown as { _add(client: unknown, auth: object, connected: unknown): unknown };
      const add = namespace._add.bind(namespace);
      namespace._add = (client, auth, connected) => add(client, Object.setPrototypeOf(auth, inherited) as object, connected);
    } });
    const { client, socket } = await memberOf(node);
    const { offset } = await breakOff(client, socket);
    Object.assign(inherited, { pid: [...kept(node.io).keys()][0], offset });
    const thief = node.connect("/", { auth: { token: node.token({ sub: "mallory" }) } });
    await answered(thief);
    expect(node.io.sockets.sockets.get(thief.id!)).to.include({ recovered: false });
  });

  it("data that the adapter cannot keep: the socket leaves as any other, and the host is told", async () => {
    for (const persist of [() => { throw new Error("no functions"); }, () => Promise.reject(new Error("no functions"))]) {
      const node = await serve({ server: on, before: ({ sockets: { adapter } }) => { Object.assign(adapter, { persistSession: persist }); } });
      const told = failures(node);
      const { client, socket } = await memberOf(node);
      await breakOff(client, socket);
      await nextTurn();
      expect([told, node.io.sockets.sockets.size, node.guarded.stats().sessions]).to.deep.equal([[["recovery", "no functions"]], 0, 0]);
    }
  });

  it("the connection breaks while the adapter is asked: its owner's next attempt recovers", async () => {
    for (const skipMiddlewares of [true, false]) {
      const asked = signal();
      const answer = signal();
      let isSlow = true;
      const node = await serveRestoring((original) => async (pid, offset) => {
        const found = await original(pid, offset);
        asked.settle();
        if (isSlow) await answer.promise;
        return found;
      }, { server: { connectionStateRecovery: { skipMiddlewares } } });
      const { client, socket, heard } = await memberOf(node);
      const secret = await breakOff(client, socket);
      let runs = 0;
      node.io.use((_socket, next) => { runs += 1; next(); });
      node.io.to("room").emit("news", 1);
      const attempt = await node.raw();
      attempt.send(`40${JSON.stringify({ ...secret, token: node.token() })}`);
      await asked.promise;
      attempt.close();
      await attempt.closed;
      while (pendingIn(node.io) > 0) await nextTurn();
      expect(runs).to.equal(0);
      isSlow = false;
      answer.settle();
      while (kept(node.io).size === 0) await nextTurn();
      await comeBack(client);
      await mark(client, node.io.sockets.sockets.get(client.id!)!);
      expect([client.recovered, heard[0]]).to.deep.equal([true, ["news", 1]]);
    }
  });

  it("the connection breaks while a middleware is waited for: its owner's next attempt recovers, but not for longer than the first", async () => {
    const asked = signal<() => void>();
    let isSlow = false;
    const node = await serve({ server: { connectionStateRecovery: { skipMiddlewares: false } } });
    node.io.use((_socket, next) => { if (isSlow) asked.settle(next); else next(); });
    const { client, socket } = await memberOf(node);
    const secret = await breakOff(client, socket);
    const untils = () => [...kept(node.io).values()].map(({ data }) => data.guard.until);
    const [until] = untils();
    expect(until).to.be.a("number");
    isSlow = true;
    const attempt = await node.raw();
    attempt.send(`40${JSON.stringify({ ...secret, token: node.token() })}`);
    const next = await asked.promise;
    attempt.close();
    await attempt.closed;
    while ((node.io.engine as unknown as { clientsCount: number }).clientsCount > 0) await nextTurn();
    next();
    while (kept(node.io).size === 0) await nextTurn();
    expect(untils()).to.deep.equal([until]);
    isSlow = false;
    await comeBack(client);
    expect(client.recovered).to.be.true;
  });

  it("a session whose time is over is given back to nobody, however late the adapter has taken it back", async () => {
    const node = await serve({ server: { connectionStateRecovery: {} } });
    const { client, socket, heard } = await memberOf(node);
    const { id } = socket;
    await breakOff(client, socket);
    node.io.to("room").emit("news", 1);
    for (const { data } of kept(node.io).values()) data.guard.until = Date.now();
    await comeBack(client);
    await mark(client, node.io.sockets.sockets.get(client.id!)!);
    expect([client.recovered, client.id === id, heard.map(([name]) => name)]).to.deep.equal([false, false, ["mark"]]);
  });

  it("the adapter fails when it is asked again after the middlewares: refused for now, and its owner's next attempt recovers", async () => {
    let questions = 0;
    const node = await serveRestoring((original) => (pid, offset) => ((questions += 1) === 2 ? null : original(pid, offset)), { server: { connectionStateRecovery: { skipMiddlewares: false } } });
    const { client, socket } = await memberOf(node);
    await breakOff(client, socket);
    const refused = await comeBack(client).catch((error: unknown) => error);
    expect(refused).to.have.nested.property("data.code", "unavailable");
    await comeBack(client);
    expect(client.recovered).to.be.true;
  });

  it("the server closes meanwhile: refused, and nothing is delivered", async () => {
    const asked = signal();
    const answer = signal();
    const node = await serveRestoring((original) => async (pid, offset) => {
      const found = await original(pid, offset);
      asked.settle();
      await answer.promise;
      return found;
    });
    const { client, socket, heard } = await memberOf(node);
    await breakOff(client, socket);
    node.io.to("room").emit("news", 1);
    const coming = comeBack(client).catch((error: unknown) => error);
    await asked.promise;
    await node.guarded.close();
    answer.settle();
    expect(await coming).to.have.nested.property("data.code", "server_closing");
    expect(heard).to.deep.equal([]);
  });

  it("a session that has ended is not kept if its connection breaks before it could be closed", async () => {
    const node = await serve({ server: on });
    const { client, socket } = await memberOf(node);
    const gone = event(client, "disconnect");
    node.ring.drop("first");
    (socket as unknown as { client: { onclose(reason: string): void } }).client.onclose("transport close");
    client.disconnect();
    await gone;
    expect(kept(node.io).size).to.equal(0);
  });

  it("a session that ended by guarded.close() comes back to nobody; one that io.close() cut off is kept", async () => {
    for (const [close, count] of [["guarded", 0], ["io", 1]] as const) {
      const node = await serve({ server: on });
      const { client } = await memberOf(node);
      const gone = event(client, "disconnect");
      const adapter = node.io.sockets.adapter;
      await node[close].close();
      await gone;
      expect([close, (adapter as never as { sessions: Map<string, unknown> }).sessions.size]).to.deep.equal([close, count]);
    }
  });

  it("a connection listener that throws does so outside of any promise", async () => {
    const node = await serve({ server: on });
    const { client, socket } = await memberOf(node);
    await breakOff(client, socket);
    node.io.on("connection", () => { throw new Error("the host's own"); });
    const uncaught = nextUncaught();
    void comeBack(client);
    expect((await uncaught).message).to.equal("the host's own");
  });

  it("a pid or an offset that is no string, or a long one, gives nothing", async () => {
    const node = await serve({ server: on });
    const { client, socket } = await memberOf(node);
    const { pid, offset } = await breakOff(client, socket);
    for (const secret of [{ pid, offset: 1 }, { pid: [pid], offset }, { pid }, { offset }, { pid: "x".repeat(10_000), offset }, { pid, offset: "x".repeat(10_000) }]) {
      const other = node.connect("/", { auth: { ...secret, token: node.token() } });
      await answered(other);
      expect([other.recovered, node.io.sockets.sockets.get(other.id!)!.handshake.auth]).to.deep.equal([false, {}]);
    }
    await comeBack(client);
    expect(client.recovered).to.be.true;
  });
});

describe("recovery and what the host does with its server", () => {
  afterEach(closeEverything);

  it("an adapter that the host sets after guard(io) is guarded too", async () => {
    const node = await serve();
    expect(Object.hasOwn(node.io.sockets.adapter, "persistSession")).to.be.false;
    const other = await serve({ server: on });
    other.io.adapter(other.io.adapter()!);
    const { client, socket, heard } = await memberOf(other);
    const secret = await breakOff(client, socket);
    other.io.to("room").emit("news", 1);
    const thief = other.connect("/", { auth: { ...secret, token: other.token({ sub: "mallory" }) } });
    await answered(thief);
    expect(thief.recovered).to.be.false;
    await comeBack(client);
    await mark(client, other.io.sockets.sockets.get(client.id!)!);
    expect([client.recovered, heard[0]]).to.deep.equal([true, ["news", 1]]);
  });

  it("with recovery off, pid and offset are the host's own words, and the adapter is left alone", async () => {
    const node = await serve();
    const { socket } = await node.member("/", { auth: { token: node.token(), pid: "mine", offset: "mine too" } });
    expect(socket.handshake.auth).to.deep.equal({ pid: "mine", offset: "mine too" });
    for (const name of ["persistSession", "restoreSession"]) expect(Object.hasOwn(node.io.sockets.adapter, name)).to.be.false;
  });

  it("in a dynamic namespace, and with cleanupEmptyChildNamespaces while somebody is in it", async () => {
    for (const cleanupEmptyChildNamespaces of [false, true]) {
      const node = await serve({ server: { ...on, cleanupEmptyChildNamespaces } });
      node.io.of(/^\/room-\d$/);
      const { client, socket, heard } = await memberOf(node, "/room-1");
      const other = await memberOf(node, "/room-1");
      await breakOff(client, socket);
      node.io.of("/room-1").to("room").emit("news", 1);
      await comeBack(client);
      await mark(client, node.io.of("/room-1").sockets.get(client.id!)!);
      expect([client.recovered, heard[0]]).to.deep.equal([true, ["news", 1]]);
      client.disconnect();
      const left = event(other.socket, "disconnect");
      other.client.disconnect();
      await left;
      while (cleanupEmptyChildNamespaces && namespacesOf(node.io).includes("/room-1")) await nextTurn();
    }
  });

  it("an empty namespace that was cleaned up takes what was missed with it: its client connects as any other", async () => {
    const node = await serve({ server: { ...on, cleanupEmptyChildNamespaces: true } });
    node.io.of(/^\/room-\d$/);
    const { client, socket } = await memberOf(node, "/room-1");
    await breakOff(client, socket);
    await comeBack(client);
    expect(client.recovered).to.be.false;
  });

  it("the user that handlers see is the one of now", async () => {
    const node = await serve({ server: on });
    const { client, socket } = await memberOf(node, "/", { token: node.token({ role: "admin" }) });
    await breakOff(client, socket);
    expect(JSON.stringify([...kept(node.io).values()])).to.not.include("admin");
    await comeBack(client, { auth: { token: node.token({ role: "member" }) } });
    expect(node.io.sockets.sockets.get(client.id!)!.data).to.deep.include({ colour: "green" }).and.have.nested.property("user.role", "member");
  });

  it("a session that ended is refused before it is looked for: a dropped key, a user who is gone", async () => {
    let isGone = false;
    const node = await serve({ server: on, findUser: () => (isGone ? null : { name: "alice" }) });
    const { client, socket, heard } = await memberOf(node);
    const secret = await breakOff(client, socket);
    isGone = true;
    await node.guarded.userChanged("alice");
    expect((await refusal(node.connect("/", { auth: { ...secret, token: node.token() } }))).data).to.include({ code: "user_unknown" });
    isGone = false;
    await comeBack(client);
    expect([client.recovered, heard.length, secretOf(client).pid]).to.deep.equal([true, 0, secret.pid]);
  });

  it("what a client missed is what it missed: no notice of the guard's is in it", async () => {
    const node = await serve({ server: on });
    const { client, socket } = await node.member();
    const heard = keepHeard(client);
    await hear(client, socket);
    const denied = event(client, "guard:denied");
    client.emit("unknown");
    await denied;
    await breakOff(client, socket);
    await comeBack(client);
    await mark(client, node.io.sockets.sockets.get(client.id!)!);
    expect([client.recovered, heard.map(([name]) => name)]).to.deep.equal([true, ["heard", "mark"]]);
  });
});
