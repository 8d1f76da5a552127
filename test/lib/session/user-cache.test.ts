import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import type { Denial, GuardAuditEvents } from "../../../lib/index.js";
import { UserCache, type CachedUser } from "../../../lib/session/user-cache.js";
import { closeEverything, event, nextTurn, refusal, serve, signal } from "../../support/server.js";
import { restoreClock, startClock } from "../../support/clock.js";
import { identity } from "./support.js";

type Find = (claims: { sub: string }) => unknown;

/** A cache that finds users with the function of a test, and what it told its owner. */
function cacheWith(findUser: Find, { cacheFor = 1e9, timeout = 1e6 } = {}) {
  const gone: CachedUser[] = [];
  const failures: unknown[] = [];
  let onFailure: () => void = () => undefined;
  const cache = new UserCache({
    findUser,
    cacheFor,
    timeout,
    onGone: (user) => gone.push(user),
    onRecovered: () => undefined,
    onError: (error) => { failures.push(error); onFailure(); },
  });
  return { cache, gone, failures, nextFailure: () => new Promise<void>((resolve) => (onFailure = resolve)) };
}

const alice = (claims: object = {}) => identity({ claims: { sub: "alice", ...claims } });

describe("the cache of findUser's answers", () => {
  it("calls findUser once for a thousand sessions of one user", async () => {
    let calls = 0;
    const { cache } = cacheWith(async () => { calls += 1; return { name: "Alice" }; });
    const all = Array.from({ length: 1_000 }, () => cache.hold(alice({ iat: Math.random(), jti: String(Math.random()) }))!);
    await Promise.all(all.map((one) => one.ready()));
    expect(calls).to.equal(1);
    expect(all[999]!.user).to.deep.equal({ name: "Alice" });
  });

  it("shares no answer between tokens with different claims", async () => {
    const { cache } = cacheWith((claims) => ({ ...claims }));
    const [admin, member] = [cache.hold(alice({ role: "admin" }))!, cache.hold(alice({ role: "member" }))!];
    await Promise.all([admin.ready(), member.ready()]);
    expect([admin.user, member.user]).to.deep.equal([{ sub: "alice", role: "admin" }, { sub: "alice", role: "member" }]);
  });

  it("shares no answer between claims that JSON cannot tell apart", async () => {
    const { cache } = cacheWith((claims) => ({ ...claims }));
    for (const [one, other] of [[new Set(["admin"]), new Set(["member"])], [new Map([[1, 1]]), new Map()], [new Date(0), new Date(0).toJSON()], [NaN, null], [undefined, undefined]]) {
      const [first, second] = [cache.hold(alice({ claimed: one }))!, cache.hold(alice({ claimed: other }))!];
      expect(first).to.not.equal(second);
      await first.ready();
      await second.ready();
      expect([first.user, second.user]).to.deep.equal([{ sub: "alice", claimed: one }, { sub: "alice", claimed: other }]);
    }
  });

  it("sees a change when findUser returns the same object, mutated", async () => {
    const user = { name: "Alice" };
    const { cache } = cacheWith(() => user);
    const held = cache.hold(alice())!;
    await held.ready();
    user.name = "Alicia";
    expect(held.user).to.deep.equal({ name: "Alice" });
    await held.refresh();
    expect(held.user).to.deep.equal({ name: "Alicia" });
    expect(held.version).to.equal(2);
    held.release();
  });

  it("calls findUser again after cacheFor, and a new answer is a new version", async () => {
    let name = "Alice";
    let heard: () => void = () => undefined;
    const { cache } = cacheWith(() => { heard(); return { name }; }, { cacheFor: 20 });
    const held = cache.hold(alice())!;
    await held.ready();
    expect(held.version).to.equal(1);
    const again = new Promise<void>((resolve) => (heard = resolve));
    name = "Alicia";
    await again;
    await held.refresh();
    expect(held.user).to.deep.equal({ name: "Alicia" });
    expect(held.version).to.equal(2);
    held.release();
  });

  it("calls findUser at once when the machine has slept for longer than cacheFor", async () => {
    const clock = startClock();
    let calls = 0;
    let heard: () => void = () => undefined;
    const { cache } = cacheWith(() => { calls += 1; heard(); return { name: "Alice" }; }, { cacheFor: 3_600_000 });
    const held = cache.hold(alice())!;
    await held.ready();
    const again = new Promise<void>((resolve) => (heard = resolve));
    clock.advance(7_200_000);
    await again;
    expect(calls).to.equal(2);
    held.release();
    restoreClock();
  });

  it("reports a user as gone when findUser returns null", async () => {
    let user: object | null = { name: "Alice" };
    const { cache, gone } = cacheWith(() => user);
    const held = cache.hold(alice())!;
    await held.ready();
    user = null;
    await cache.refresh("alice");
    expect(gone).to.deep.equal([held]);
    expect(held.invalidity()?.denial.code).to.equal("user_unknown");
  });

  it("treats an answer that is not an object as an unknown user", async () => {
    for (const answer of [undefined, "alice", 1, true]) {
      const { cache } = cacheWith(() => answer);
      const held = cache.hold(alice())!;
      await held.ready();
      expect(held.invalidity()?.denial.code, String(answer)).to.equal("user_unknown");
    }
  });

  it("is unavailable while findUser fails at the handshake, and calls it again at the next handshake", async () => {
    let fails = true;
    const { cache, failures } = cacheWith(() => { if (fails) throw new Error("database down"); return { name: "Alice" }; });
    const held = cache.hold(alice())!;
    await held.ready();
    expect(held.invalidity()?.denial.code).to.equal("unavailable");
    expect(failures).to.have.length(1);
    fails = false;
    await held.ready();
    expect(held.invalidity()?.denial.code).to.equal(undefined);
  });

  it("keeps the last answer for one more period when findUser fails later, then denies, and recovers", async () => {
    let fails = false;
    const { cache, nextFailure } = cacheWith(() => { if (fails) throw new Error("database down"); return { name: "Alice" }; }, { cacheFor: 40 });
    const held = cache.hold(alice())!;
    await held.ready();
    fails = true;
    await nextFailure();
    expect(held.invalidity()?.denial.code).to.equal(undefined);
    expect(held.user).to.deep.equal({ name: "Alice" });
    while (held.invalidity()?.denial.code === undefined) await nextFailure();
    expect(held.invalidity()?.denial.code).to.equal("unavailable");
    fails = false;
    await held.refresh();
    expect(held.invalidity()?.denial.code).to.equal(undefined);
    held.release();
  });

  it("counts a findUser that never answers as failed after the timeout, and aborts its signal", async () => {
    let signal: AbortSignal | undefined;
    const { cache } = cacheWith(((_claims: unknown, given: AbortSignal) => { signal = given; return new Promise(() => undefined); }) as Find, { timeout: 20 });
    const held = cache.hold(alice())!;
    await held.ready();
    expect(held.invalidity()?.denial.code).to.equal("unavailable");
    expect(signal?.aborted).to.equal(true);
  });

  it("leaves no unhandled rejection, which would end the process, when findUser throws synchronously", async () => {
    const rejections: unknown[] = [];
    const listen = (reason: unknown) => rejections.push(reason);
    const listeners = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", listen);
    try {
      const { cache, failures } = cacheWith(() => { throw new Error("database down"); }, { timeout: 20 });
      const held = cache.hold(alice())!;
      await held.ready();
      expect([held.invalidity()?.denial.code, failures]).to.deep.equal(["unavailable", [new Error("database down")]]);
      // A timer of the same length that starts later fires later.
      await new Promise((resolve) => setTimeout(resolve, 20));
      await nextTurn();
      expect(rejections).to.deep.equal([]);
    } finally {
      process.off("unhandledRejection", listen);
      for (const listener of listeners) process.on("unhandledRejection", listener);
    }
  });

  it("does not abort the signal of a findUser that has answered", async () => {
    let signal: AbortSignal | undefined;
    const { cache } = cacheWith(((_claims: unknown, given: AbortSignal) => { signal = given; return {}; }) as Find, { timeout: 20 });
    await cache.hold(alice())!.ready();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await nextTurn();
    expect(signal!.aborted).to.equal(false);
  });

  it("calls findUser once more for refreshes during a call, and never twice at once", async () => {
    const answers: ((user: object) => void)[] = [];
    let atOnce = 0;
    let most = 0;
    const { cache } = cacheWith(() => {
      most = Math.max(most, (atOnce += 1));
      return new Promise((resolve) => answers.push((user) => { atOnce -= 1; resolve(user); }));
    });
    const held = cache.hold(alice())!;
    const first = held.ready();
    const changed = Promise.all([cache.refresh("alice"), cache.refresh("alice")]);
    answers[0]!({ name: "before the change" });
    await first;
    await Promise.resolve();
    while (answers.length < 2) await new Promise((resolve) => setImmediate(resolve));
    answers[1]!({ name: "after it" });
    await changed;
    expect(held.user).to.deep.equal({ name: "after it" });
    expect(answers).to.have.length(2);
    expect(most).to.equal(1);
  });

  it("forgets a user with its last session, and never calls findUser for a guest", async () => {
    let calls = 0;
    const { cache } = cacheWith(() => { calls += 1; return {}; });
    expect(cache.hold(identity({ subject: undefined }))).to.equal(undefined);
    const held = cache.hold(alice())!;
    cache.hold(alice());
    await held.ready();
    held.release();
    expect(cache.hold(alice())).to.equal(held);
    held.release();
    held.release();
    expect(cache.hold(alice())).not.to.equal(held);
    expect(calls).to.equal(1);
  });
});

describe("a guarded server with findUser", () => {
  afterEach(closeEverything);

  /** A guarded server whose users the test changes; `asked` counts the calls of findUser. */
  async function serveUsers(findUserCacheFor: string | number = "1h") {
    const users = new Map<string, object>([["alice", { name: "Alice", role: "member" }], ["bob", { name: "Bob", role: "member" }]]);
    const state = { asked: 0, answers: () => true };
    const findUser = ({ sub }: { sub: string }) => {
      state.asked += 1;
      if (!state.answers()) throw new Error("database down");
      return users.get(sub) ?? null;
    };
    const served = await serve({
      findUser, findUserCacheFor: findUserCacheFor as never,
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
    let answer: unknown;
    do answer = await client.emitWithAck("who"); while (answer === "Alice");
    expect((answer as { error: Denial }).error).to.deep.include({ code: "unavailable", reconnect: "later" });
    state.answers = () => true;
    do answer = await client.emitWithAck("who"); while (answer !== "Alice");
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
