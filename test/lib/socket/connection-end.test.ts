// The end of sessions: clients are told why, hear nothing after it, and the connection closes.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { draws } from "../../support/draws.js";
import type { Raw } from "../../support/raw.js";
import { closeEverything, connectionsOf, event, nextTurn, nextUncaught, refusal, serve, type Served } from "../../support/server.js";

describe("the end of sessions", () => {
  afterEach(closeEverything);

  it("is told in every namespace of the connection before it closes", async () => {
    const { io, rawMember, token, ring } = await serve();
    io.of("/admin");
    io.of("/lobby");
    const { raw } = await rawMember();
    for (const name of ["/admin", "/lobby"]) await raw.connect(name, { token: token({ sub: name }) });
    ring.revoke({ kid: "first" });
    await raw.closed;
    const byes = raw.frames.filter((frame) => String(frame).includes("guard:bye")).map(String);
    expect(byes.map((bye) => /^42(\/\w+,)?\["guard:bye",\{"guard":true,"code":"token_invalid"/.exec(bye)?.[1])).to.deep.equal([undefined, "/admin,", "/lobby,"]);
    expect(raw.frames.slice(-3)).to.deep.equal(["41", "41/admin,", "41/lobby,"]);
  });

  it("comes to all sessions of a connection in the same tick: nothing more is accepted from them", async () => {
    const { io, guarded, rawMember, token } = await serve();
    const names = ["/", "/admin", "/lobby"];
    const handled: string[] = [];
    for (const name of names) io.of(name).on("connection", (socket) => socket.on("message", () => handled.push(name)));
    for (const ending of names) {
      const { raw } = await rawMember();
      for (const name of names.slice(1)) await raw.connect(name, { token: token({ sub: name }) });
      const sockets = names.map((name) => [...io.of(name).sockets.values()][0]!);
      void guarded.revoke({ session: sockets[names.indexOf(ending)]!.id });
      expect(guarded.stats().sessions).to.equal(0);
      for (const socket of sockets) (socket as unknown as { _onpacket(packet: object): void })._onpacket({ type: 2, nsp: socket.nsp.name, data: ["message", {}] });
      await raw.closed;
    }
    expect(handled).to.deep.equal([]);
  });

  it("reaches a client as guard:bye and io server disconnect, so that it does not come back by itself", async () => {
    for (const transports of [["websocket"], ["polling"]]) {
      const { member, ring } = await serve();
      const { client } = await member("/", { transports, reconnection: true });
      const ended = Promise.all([event(client, "guard:bye"), event(client, "disconnect")]);
      ring.revoke({ kid: "first" });
      const [bye, reason] = await ended;
      expect(bye).to.deep.include({ code: "token_invalid", reconnect: "never" });
      expect([reason, client.active]).to.deep.equal(["io server disconnect", false]);
    }
  });

  it("comes at `exp`, even if the client sends nothing", async () => {
    const { member, clock } = await serve();
    const { client } = await member();
    const bye = event(client, "guard:bye");
    clock.ahead = 3_600_000;
    expect(await bye).to.deep.include({ code: "token_expired", reconnect: "refresh" });
  });

  it("comes when the grace period of its key is over, before the `exp` of its token", async () => {
    const { member, ring, clock } = await serve();
    const { client } = await member();
    ring.rotate({ kid: "third", secret: "the third secret of the tests, thirty-two bytes and more" }, { grace: "30m" });
    const bye = event(client, "guard:bye");
    clock.ahead = 1_800_000;
    expect(await bye).to.deep.include({ code: "token_expired", reconnect: "refresh" });
  });

  it(`of ${Math.max(500, draws(2_000))} sessions at once is told to all of them, and none hears a broadcast after it`, async () => {
    const served = await serve();
    const all = await crowd(served, Math.max(500, draws(2_000)));
    served.ring.revoke({ kid: "first" });
    served.io.emit("news");
    await hearOnlyBye(all);
    expect(connectionsOf(served.io)).to.equal(0);
  });

  it("by a shared `exp` is told to all sessions, and none hears what a disconnect listener of the host broadcasts", async () => {
    const served = await serve();
    served.io.on("connection", (socket) => socket.on("disconnect", () => served.io.emit("news", "somebody left")));
    const all = await crowd(served, 60);
    served.clock.ahead = 3_600_000;
    await hearOnlyBye(all);
  });

  it("by a shared `exp` is told to all sessions before the first is closed, even if checking them takes many turns", async () => {
    const served = await serve();
    served.io.on("connection", (socket) => socket.on("disconnect", () => served.io.emit("news", "somebody left")));
    const all = await crowd(served, 40);
    const expiredAt = Date.now() + 3_600_000;
    // Reading the clock takes a while, as thousands of sessions would: a turn gets to a few of them.
    Date.now = () => {
      for (const until = performance.now() + 2; performance.now() < until;);
      return expiredAt;
    };
    await hearOnlyBye(all);
  });

  it("by a shared `exp` is told to all sessions before the first is closed, even if an event of that one comes before the timer", async () => {
    const served = await serve();
    served.io.on("connection", (socket) => socket.on("disconnect", () => served.io.emit("news", "somebody left")));
    const all = await crowd(served, 20);
    served.clock.ahead = 3_600_000;
    all[0]!.send('42["message"]');
    await Promise.all(all.map(({ closed }) => closed));
    for (const { frames } of all) expect(frames.filter((frame) => String(frame).includes("news"))).to.deep.equal([]);
  });

  it("closes many connections in slices: the event loop gets its turns in between", async () => {
    const served = await serve();
    let turn = 0;
    const turns = new Set<number>();
    // The host's own work at each disconnect takes its time.
    served.io.on("connection", (socket) => socket.on("disconnect", () => {
      turns.add(turn);
      for (const until = performance.now() + 2; performance.now() < until;);
    }));
    const all = await crowd(served, 40);
    const closed = Promise.all(all.map((one) => one.closed));
    served.ring.revoke({ kid: "first" });
    while (connectionsOf(served.io) > 0) {
      await nextTurn();
      turn += 1;
    }
    await closed;
    expect(turns.size).to.be.greaterThan(2);
  });

  it("closes the other connections even if a disconnect listener of the host throws", async () => {
    const served = await serve();
    const all = await crowd(served, 5);
    const [first] = served.io.sockets.sockets.values();
    first!.on("disconnect", () => { throw new Error("the host's own"); });
    const uncaught = nextUncaught();
    served.ring.revoke({ kid: "first" });
    const error = await uncaught;
    expect(error.message).to.equal("the host's own");
    await hearOnlyBye(all);
  });

  it("comes with guarded.close(), and is told as server_closing even if io.close() follows at once", async () => {
    const served = await serve();
    const all = await crowd(served, 40);
    void served.guarded.close();
    void served.io.close();
    await Promise.all(all.map(({ closed }) => closed));
    for (const { frames } of all) expect(frames.filter((frame) => String(frame).includes('"code":"server_closing"'))).to.have.lengthOf(1);
  });

  it("comes with guarded.close(), and new handshakes are refused as server_closing", async () => {
    const { guarded, connect, member } = await serve();
    const { client } = await member();
    const bye = event(client, "guard:bye");
    void guarded.close();
    expect(await bye).to.deep.include({ code: "server_closing", reconnect: "later" });
    expect((await refusal(connect())).data).to.deep.include({ code: "server_closing", status: 503 });
    expect(guarded.stats().sessions).to.equal(0);
  });

  it("aborts the session's signal with the reason", async () => {
    const { member, guarded, ring } = await serve();
    const { socket } = await member();
    const session = guarded.session(socket)!;
    expect(session).to.include({ id: socket.id, subject: "alice", method: "jwt" });
    expect(session.signal.aborted).to.be.false;
    ring.revoke({ kid: "first" });
    expect(session.signal.reason).to.deep.include({ code: "token_invalid" });
  });
});

/** So many raw clients, each with a connection of its own. */
async function crowd({ rawMember }: Served, size: number): Promise<Raw[]> {
  const all: Raw[] = [];
  for (let made = 0; made < size; made += 20) {
    all.push(...await Promise.all(Array.from({ length: Math.min(20, size - made) }, async () => (await rawMember()).raw)));
  }
  return all;
}

async function hearOnlyBye(all: readonly Raw[]): Promise<void> {
  await Promise.all(all.map(({ closed }) => closed));
  for (const { frames } of all) {
    const kinds = frames.map((frame) => /^4\d(?:\["([\w:]+)")?/.exec(String(frame))?.[1] ?? String(frame).slice(0, 2));
    expect(kinds).to.deep.equal(["40", "guard:session", "guard:bye", "41"]);
  }
}
