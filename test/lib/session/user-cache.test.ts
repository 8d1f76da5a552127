import { expect } from "chai";
import { describe, it } from "mocha";
import { UserCache, type CachedUser } from "../../../lib/session/user-cache.js";
import { nextTurn } from "../../support/server.js";
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
    onRecovered: () => undefined, onChanged: () => undefined, onSettled: () => undefined,
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
    await cache.refresh(new Set(["alice"]));
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
    const changed = Promise.all([cache.refresh(new Set(["alice"])), cache.refresh(new Set(["alice"]))]);
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
