// What findUser does on a real server: test/lib/session/user-cache.test.ts tests the cache of its answers alone.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import type { Denial, GuardAuditEvents } from "../../lib/index.js";
import { askUntil } from "../support/ask-until.js";
import { eventually } from "../support/eventually.js";
import { StoreInMemory } from "../support/revocations.js";
import { closeEverything, event, refusal, serve, signal, type Options } from "../support/server.js";

describe("a guarded server with findUser", () => {
  afterEach(closeEverything);

  /** A guarded server whose users the test changes; `asked` counts the calls of findUser. */
  async function serveUsers(findUserCacheFor: string | number = "1h", options: Options = {}) {
    const users = new Map<string, object>([["alice", { name: "Alice", role: "member" }], ["bob", { name: "Bob", role: "member" }]]);
    const state = { asked: 0, answers: () => true };
    const findUser = ({ sub }: { sub: string }) => {
      state.asked += 1;
      if (!state.answers()) throw new Error("database down");
      return users.get(sub) ?? null;
    };
    const served = await serve({
      ...options, findUser, findUserCacheFor: findUserCacheFor as never,
      events: { who: ({ user }) => (user as { role: string }).role === "member", ban: ({ user }) => (user as { role: string }).role === "admin" },
    });
    served.io.on("connection", (socket) => {
      for (const name of ["who", "ban"]) socket.on(name, (ack: (name: unknown) => void) => ack((socket.data as { user: { name: string } }).user.name));
    });
    return { ...served, users, state };
  }

  it("refuses users that findUser does not know, and refuses everybody while it fails", async () => {
    const { connect, token, state } = await serveUsers();
    expect((await refusal(connect("/", { auth: { token: token({ sub: "carol" }) } }))).data).to.deep.include({ code: "user_unknown", reconnect: "never" });
    state.answers = () => false;
    expect((await refusal(connect())).data).to.deep.include({ code: "unavailable", reconnect: "later" });
  });

  it("shows rules and handlers the new user from the first event after userChanged", async () => {
    const { guarded, connect, users, state } = await serveUsers();
    const client = connect();
    expect([await client.emitWithAck("who"), state.asked]).to.deep.equal(["Alice", 1]);
    expect(await client.emitWithAck("ban")).to.have.nested.property("error.code", "forbidden");
    users.set("alice", { name: "Alicia", role: "admin" });
    await guarded.userChanged("alice");
    expect([await client.emitWithAck("ban"), state.asked]).to.deep.equal(["Alicia", 2]);
    expect(await client.emitWithAck("who")).to.have.nested.property("error.code", "forbidden");
  });

  it("is asked on the other nodes of the store, too, within maxStaleness of userChanged", async () => {
    const store = { revocations: new StoreInMemory() };
    const [one, other] = [await serveUsers("1h", { store, maxStaleness: 80, onStale: "allow" }), await serveUsers("1h", { store, maxStaleness: 80, onStale: "allow" })];
    const client = other.connect();
    expect(await client.emitWithAck("who")).to.equal("Alice");
    other.users.set("alice", { name: "Alicia", role: "member" });
    await one.guarded.userChanged("alice");
    await eventually(() => other.state.asked === 2, "the other node asks");
    expect(await client.emitWithAck("who")).to.equal("Alicia");
    const bye = event<Denial>(client, "guard:bye");
    other.users.delete("alice");
    await one.guarded.userChanged("alice");
    expect((await bye).code).to.equal("user_unknown");
  });

  it("ends every session of a user that userChanged finds gone, and no other session", async () => {
    const { io, guarded, member, token, users } = await serveUsers();
    io.of("/other");
    const mine = [await member(), await member("/other"), await member("/", { auth: { token: token({ device: "phone" }) } })];
    const { client: bob } = await member("/", { auth: { token: token({ sub: "bob" }) } });
    const ends = mine.map(({ client }) => Promise.all([event<Denial>(client, "guard:bye"), event(client, "disconnect")]));
    users.delete("alice");
    await guarded.userChanged("alice");
    expect(mine.map(({ socket }) => guarded.session(socket)!.signal.aborted)).to.deep.equal([true, true, true]);
    for (const [bye, reason] of await Promise.all(ends)) {
      expect(bye).to.deep.include({ code: "user_unknown", reconnect: "never" });
      expect(reason).to.equal("io server disconnect");
    }
    expect(await bob.emitWithAck("who")).to.equal("Bob");
  });

  it("ends the sessions of a deleted user after findUserCacheFor, without userChanged", async () => {
    const { member, users } = await serveUsers(20);
    const { client } = await member();
    const bye = event<Denial>(client, "guard:bye");
    users.delete("alice");
    expect((await bye).code).to.equal("user_unknown");
  });

  it("relies on the last answer for one more period when findUser fails, then denies events, ends no session, and recovers", async () => {
    const { guarded, member, state } = await serveUsers(1_000);
    const { client } = await member();
    const failed = signal<GuardAuditEvents["failed"]>();
    guarded.on("failed", failed.settle);
    state.answers = () => false;
    expect((await failed.promise).source).to.equal("findUser");
    expect(await client.emitWithAck("who")).to.equal("Alice");
    const ask = () => client.emitWithAck("who") as Promise<unknown>;
    const answers = await askUntil((answer) => answer !== "Alice", ask);
    expect((answers.at(-1) as { error: Denial }).error).to.deep.include({ code: "unavailable", reconnect: "later" });
    state.answers = () => true;
    await askUntil((answer) => answer === "Alice", ask);
    expect(client.connected).to.equal(true);
  });

  it("calls findUser once for a thousand sockets of one user, and once more for userChanged", async () => {
    const { io, guarded, raw, token, state } = await serveUsers();
    io.of(/^\/room-/);
    const rooms = Array.from({ length: 25 }, (_, nth) => `/room-${nth}`);
    await Promise.all(Array.from({ length: 40 }, async () => {
      const client = await raw();
      client.send(...rooms.map((room) => `40${room},${JSON.stringify({ token: token() })}`));
      for (const room of rooms) await client.next((frame) => frame.startsWith(`42${room},["guard:session"`));
    }));
    expect([guarded.stats().sessions, state.asked]).to.deep.equal([1_000, 1]);
    await Promise.all([guarded.userChanged("alice"), guarded.userChanged("bob")]);
    expect(state.asked).to.equal(2);
  });
});
