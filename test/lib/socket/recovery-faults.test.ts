import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { answered, breakOff, comeBack, mark } from "../../support/returning.js";
import { closeEverything, event, nextTurn, nextUncaught, pendingIn, serve, signal } from "../../support/server.js";
import { kept, on, serveRestoring } from "./recovery-support.js";
import { memberOf } from "./recovery-suite.js";

describe("recovery, if something else goes wrong meanwhile,", () => {
  afterEach(closeEverything);

  it("leaves Socket.IO itself nothing to restore, even for a client that knows the key in the adapter", async () => {
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

  it("is possible at the next attempt if the connection breaks while the adapter works", async () => {
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

  it("is possible at the next attempt if the connection breaks while a middleware works, but not for longer than before", async () => {
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

  it("is not possible after its time, even if the adapter got the session back late", async () => {
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

  it("is refused if the server closes, and nothing is delivered", async () => {
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

  it("is not possible for a session that has ended, even if its connection breaks before the guard closes it", async () => {
    const node = await serve({ server: on });
    const { client, socket } = await memberOf(node);
    const gone = event(client, "disconnect");
    node.ring.revoke({ kid: "first" });
    (socket as unknown as { client: { onclose(reason: string): void } }).client.onclose("transport close");
    client.disconnect();
    await gone;
    expect(kept(node.io).size).to.equal(0);
  });

  it("is not possible after guarded.close(), but after io.close()", async () => {
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

  it("lets a connection listener throw outside of any promise", async () => {
    const node = await serve({ server: on });
    const { client, socket } = await memberOf(node);
    await breakOff(client, socket);
    node.io.on("connection", () => { throw new Error("the host's own"); });
    const uncaught = nextUncaught();
    void comeBack(client);
    expect((await uncaught).message).to.equal("the host's own");
  });

  it("ignores a pid or an offset that is not a string, or too long", async () => {
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
