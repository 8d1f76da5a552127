import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import type { Denial, GuardAuditEvents } from "../../../lib/index.js";
import { UserCache } from "../../../lib/session/user-cache.js";
import type { CachedUser } from "../../../lib/session/cached-user.js";
import { Deadlines } from "../../../lib/session/deadlines.js";
import { closeEverything, event, nextTurn, refusal, serve, signal } from "../../support/server.js";
import { identity } from "./support.js";

type Find = (claims: { sub: string }) => unknown;

/** UserCache whose questions the test answers; `asked` settles with the next question. */
function accountsThat(find: Find, { recheckAfter = 1e9, timeout = 1e6 } = {}) {
  const gone: CachedUser[] = [];
  const failures: unknown[] = [];
  let onFailure: () => void = () => undefined;
  const accounts = new UserCache({
    findUser: find,
    recheckAfter,
    timeout,
    deadlines: new Deadlines(),
    gone: (account) => gone.push(account),
    failed: (_account, error) => { failures.push(error); onFailure(); },
  });
  return { accounts, gone, failures, nextFailure: () => new Promise<void>((resolve) => (onFailure = resolve)) };
}

const alice = (claims: object = {}) => identity({ claims: { sub: "alice", ...claims } });

describe("findUser", () => {
  it("is asked once for a thousand sockets of one user", async () => {
    let questions = 0;
    const { accounts } = accountsThat(async () => { questions += 1; return { name: "Alice" }; });
    const held = Array.from({ length: 1_000 }, () => accounts.hold(alice({ iat: Math.random(), jti: String(Math.random()) }))!);
    await Promise.all(held.map((account) => account.known()));
    expect(questions).to.equal(1);
    expect(held[999]!.user).to.deep.equal({ name: "Alice" });
  });

  it("answers for no token that claims something else", async () => {
    const { accounts } = accountsThat((claims) => ({ ...claims }));
    const [admin, member] = [accounts.hold(alice({ role: "admin" }))!, accounts.hold(alice({ role: "member" }))!];
    await Promise.all([admin.known(), member.known()]);
    expect([admin.user, member.user]).to.deep.equal([{ sub: "alice", role: "admin" }, { sub: "alice", role: "member" }]);
  });

  it("answers for no token whose claims JSON does not tell apart", async () => {
    const { accounts } = accountsThat((claims) => ({ ...claims }));
    for (const [one, other] of [[new Set(["admin"]), new Set(["member"])], [new Map([[1, 1]]), new Map()], [new Date(0), new Date(0).toJSON()], [NaN, null], [undefined, undefined]]) {
      const [first, second] = [accounts.hold(alice({ claimed: one }))!, accounts.hold(alice({ claimed: other }))!];
      expect(first).to.not.equal(second);
      await first.known();
      await second.known();
      expect([first.user, second.user]).to.deep.equal([{ sub: "alice", claimed: one }, { sub: "alice", claimed: other }]);
    }
  });

  it("that answers with the same object, changed, is seen to have changed", async () => {
    const user = { name: "Alice" };
    const { accounts } = accountsThat(() => user);
    const account = accounts.hold(alice())!;
    await account.known();
    user.name = "Alicia";
    expect(account.user).to.deep.equal({ name: "Alice" });
    await account.ask();
    expect(account.user).to.deep.equal({ name: "Alicia" });
    expect(account.version).to.equal(2);
    account.release();
  });

  it("is asked again after findUserCacheFor, and its new answer is another version", async () => {
    let name = "Alice";
    let heard: () => void = () => undefined;
    const { accounts } = accountsThat(() => { heard(); return { name }; }, { recheckAfter: 20 });
    const account = accounts.hold(alice())!;
    await account.known();
    expect(account.version).to.equal(1);
    const again = new Promise<void>((resolve) => (heard = resolve));
    name = "Alicia";
    await again;
    await account.ask();
    expect(account.user).to.deep.equal({ name: "Alicia" });
    expect(account.version).to.equal(2);
    account.release();
  });

  it("that answers null sends the user away", async () => {
    let user: object | null = { name: "Alice" };
    const { accounts, gone } = accountsThat(() => user);
    const account = accounts.hold(alice())!;
    await account.known();
    user = null;
    await accounts.ask("alice");
    expect(gone).to.deep.equal([account]);
    expect(account.refusal()).to.equal("user_unknown");
  });

  it("that answers nothing of use knows no user", async () => {
    for (const answer of [undefined, "alice", 1, true]) {
      const { accounts } = accountsThat(() => answer);
      const account = accounts.hold(alice())!;
      await account.known();
      expect(account.refusal(), String(answer)).to.equal("user_unknown");
    }
  });

  it("that fails at the handshake makes it unavailable, and is asked again at the next", async () => {
    let fails = true;
    const { accounts, failures } = accountsThat(() => { if (fails) throw new Error("database down"); return { name: "Alice" }; });
    const account = accounts.hold(alice())!;
    await account.known();
    expect(account.refusal()).to.equal("unavailable");
    expect(failures).to.have.length(1);
    fails = false;
    await account.known();
    expect(account.refusal()).to.equal(undefined);
  });

  it("that fails later keeps its last answer for one more period, then denies, and recovers", async () => {
    let fails = false;
    const { accounts, nextFailure } = accountsThat(() => { if (fails) throw new Error("database down"); return { name: "Alice" }; }, { recheckAfter: 40 });
    const account = accounts.hold(alice())!;
    await account.known();
    fails = true;
    await nextFailure();
    expect(account.refusal()).to.equal(undefined);
    expect(account.user).to.deep.equal({ name: "Alice" });
    while (account.refusal() === undefined) await nextFailure();
    expect(account.refusal()).to.equal("unavailable");
    fails = false;
    await account.ask();
    expect(account.refusal()).to.equal(undefined);
    account.release();
  });

  it("that never answers counts as failed after the timeout, and its signal aborts", async () => {
    let signal: AbortSignal | undefined;
    const { accounts } = accountsThat(((_claims: unknown, given: AbortSignal) => { signal = given; return new Promise(() => undefined); }) as Find, { timeout: 20 });
    const account = accounts.hold(alice())!;
    await account.known();
    expect(account.refusal()).to.equal("unavailable");
    expect(signal?.aborted).to.equal(true);
  });

  it("that throws before it returns a promise leaves no timeout behind, whose unhandled rejection would end the process", async () => {
    const rejections: unknown[] = [];
    const listen = (reason: unknown) => rejections.push(reason);
    const listeners = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", listen);
    try {
      const { accounts, failures } = accountsThat(() => { throw new Error("database down"); }, { timeout: 20 });
      const account = accounts.hold(alice())!;
      await account.known();
      expect([account.refusal(), failures]).to.deep.equal(["unavailable", [new Error("database down")]]);
      // A timer of the same length that starts later fires later.
      await new Promise((resolve) => setTimeout(resolve, 20));
      await nextTurn();
      expect(rejections).to.deep.equal([]);
    } finally {
      process.off("unhandledRejection", listen);
      for (const listener of listeners) process.on("unhandledRejection", listener);
    }
  });

  it("that has answered keeps a signal that does not abort afterwards", async () => {
    let signal: AbortSignal | undefined;
    const { accounts } = accountsThat(((_claims: unknown, given: AbortSignal) => { signal = given; return {}; }) as Find, { timeout: 20 });
    await accounts.hold(alice())!.known();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await nextTurn();
    expect(signal!.aborted).to.equal(false);
  });

  it("is put once more if the user changed while a question was under way, and never twice at once", async () => {
    const answers: ((user: object) => void)[] = [];
    let atOnce = 0;
    let most = 0;
    const { accounts } = accountsThat(() => {
      most = Math.max(most, (atOnce += 1));
      return new Promise((resolve) => answers.push((user) => { atOnce -= 1; resolve(user); }));
    });
    const account = accounts.hold(alice())!;
    const first = account.known();
    const changed = Promise.all([accounts.ask("alice"), accounts.ask("alice")]);
    answers[0]!({ name: "before the change" });
    await first;
    await Promise.resolve();
    while (answers.length < 2) await new Promise((resolve) => setImmediate(resolve));
    answers[1]!({ name: "after it" });
    await changed;
    expect(account.user).to.deep.equal({ name: "after it" });
    expect(answers).to.have.length(2);
    expect(most).to.equal(1);
  });

  it("is forgotten with the last session, and a guest is never asked for", async () => {
    let questions = 0;
    const { accounts } = accountsThat(() => { questions += 1; return {}; });
    expect(accounts.hold(identity({ subject: undefined }))).to.equal(undefined);
    const account = accounts.hold(alice())!;
    accounts.hold(alice());
    await account.known();
    account.release();
    expect(accounts.hold(alice())).to.equal(account);
    account.release();
    account.release();
    expect(accounts.hold(alice())).not.to.equal(account);
    expect(questions).to.equal(1);
  });
});

describe("findUser of a guarded server", () => {
  afterEach(closeEverything);

  /** A guarded server whose users the test changes; `asked` counts the questions. */
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

  it("refuses at the handshake whom it does not know, and lets nobody in while it fails", async () => {
    const { connect, token, state } = await serveUsers();
    expect((await refusal(connect("/", { auth: { token: token({ sub: "carol" }) } }))).data).to.deep.include({ code: "user_unknown", reconnect: "never" });
    state.answers = () => false;
    expect((await refusal(connect())).data).to.deep.include({ code: "unavailable", reconnect: "later" });
  });

  it("says what rules and handlers see, from the first event after userChanged on", async () => {
    const { guarded, connect, users, state } = await serveUsers();
    const client = connect();
    expect([await client.emitWithAck("who"), state.asked]).to.deep.equal(["Alice", 1]);
    expect(await client.emitWithAck("ban")).to.have.nested.property("error.code", "forbidden");
    users.set("alice", { name: "Alicia", role: "admin" });
    await guarded.userChanged("alice");
    expect([await client.emitWithAck("ban"), state.asked]).to.deep.equal(["Alicia", 2]);
    expect(await client.emitWithAck("who")).to.have.nested.property("error.code", "forbidden");
  });

  it("ends every session of a subject that is gone, as soon as userChanged is called, and nobody else's", async () => {
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

  it("is asked again after findUserCacheFor by itself: a user who is gone is sent away without a word from anybody", async () => {
    const { member, users } = await serveUsers(20);
    const { client } = await member();
    const bye = event<Denial>(client, "guard:bye");
    users.delete("alice");
    expect((await bye).code).to.equal("user_unknown");
  });

  it("that fails keeps its answer for one more period, then denies events, ends nobody, and recovers", async () => {
    const { guarded, member, state } = await serveUsers(1_000);
    const { client } = await member();
    const failed = signal<GuardAuditEvents["failed"]>();
    guarded.on("failed", failed.settle);
    state.answers = () => false;
    expect((await failed.promise).in).to.equal("findUser");
    expect(await client.emitWithAck("who")).to.equal("Alice");
    let answer: unknown;
    do answer = await client.emitWithAck("who"); while (answer === "Alice");
    expect((answer as { error: Denial }).error).to.deep.include({ code: "unavailable", reconnect: "later" });
    state.answers = () => true;
    do answer = await client.emitWithAck("who"); while (answer !== "Alice");
    expect(client.connected).to.equal(true);
  });

  it("is asked once for a thousand sockets of one user, and once more when the user changed", async () => {
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
