/** A ring that loads its keys again: what changes it, and what a failure leaves as it was. */
import { expect } from "chai";
import { afterEach } from "mocha";
import { jwt } from "../../../lib/authenticate/jwt.js";
import type { Key } from "../../../lib/token/keys.js";
import { event, serve } from "../../support/server.js";
import { changeOf, closeLoading, codeOf, load, one, soon, two } from "./loading.js";

describe("a key ring that loads again", () => {
  afterEach(closeLoading);

  it("loads again by itself, and ends what the keys that are gone have signed", async () => {
    let keys = [one, two];
    const ring = load(async () => keys, { every: 1 });
    await ring.ready;
    const token = jwt({ keys: [two] }).issue({ sub: "alice" }, soon);
    const tokens = jwt({ keys: ring });
    expect((await tokens.verify(token)).sub).to.equal("alice");
    const changed = changeOf(ring);
    keys = [one];
    await changed;
    expect(await codeOf(() => tokens.verify(token))).to.equal("token_invalid");
  });

  it("ends the sessions of a key that is gone at once, and lets in again who brings a token of another", async () => {
    let keys = [one, two];
    const ring = load(() => keys);
    const { connect } = await serve({ authenticate: jwt({ keys: ring }) as never });
    const clientOf = (key: Key) => connect("/", { auth: { token: jwt({ keys: [key] }).issue({ sub: "alice" }, soon) } });
    const [stays, goes] = [clientOf(one), clientOf(two)];
    await Promise.all([stays, goes].map((client) => event(client, "guard:session")));
    const bye = event(goes, "guard:bye");
    keys = [one];
    await ring.reload();
    expect(await bye).to.deep.include({ code: "token_invalid", reconnect: "never" });
    expect(stays.connected).to.equal(true);
    await event(clientOf(one), "guard:session");
  });

  it("does not count a load that changes nothing, and counts each that changes something", async () => {
    const until = Date.now() + 3_600_000;
    let keys: readonly Key[] = [one, two];
    const ring = load(() => keys);
    const generationAfter = async (next: readonly Key[]) => {
      keys = next;
      await ring.reload();
      return ring.generation;
    };
    expect(await generationAfter([{ ...one }, { ...two, secret: Buffer.from("2".repeat(64)) }])).to.equal(1);
    expect(await generationAfter([two, one])).to.equal(2);
    expect(await generationAfter([two, { ...one, acceptUntil: until }])).to.equal(3);
    expect(await generationAfter([two, { ...one, acceptUntil: new Date(until) }])).to.equal(3);
    expect(await generationAfter([two])).to.equal(4);
    expect(await generationAfter([{ ...two, kid: "other" }])).to.equal(5);
    expect(await generationAfter([{ ...two, kid: "other", algorithm: "HS512" }])).to.equal(6);
  });

  it("keeps the last good keys when a load fails or is bad, and tells each failure", async () => {
    let answer: () => readonly Key[] | Promise<readonly Key[]> = () => [one];
    const told: string[] = [];
    const ring = load(() => answer(), { failed: (error) => told.push(error.code) });
    const tokens = jwt({ keys: ring });
    const token = tokens.issue({ sub: "alice" }, soon);
    const bad: [typeof answer, string][] = [
      [() => { throw new Error("gone"); }, "keys_not_loaded"],
      [() => Promise.reject(new Error("gone")), "keys_not_loaded"],
      [() => [], "keys_empty"],
      [() => [two, { kid: "short", secret: "short" }], "secret_too_short"],
      [() => [two, { ...two, kid: "3" }], "key_duplicate"],
    ];
    for (const [given, code] of bad) {
      answer = given;
      expect(await codeOf(() => ring.reload())).to.equal(code);
      expect((await tokens.verify(token)).sub).to.equal("alice");
    }
    expect(told).to.deep.equal(bad.map(([, code]) => code));
    expect(ring.generation).to.equal(1);
  });

  it("warns once of failures in a row, and again after it was well", async () => {
    const warnings: (Error & { code?: string })[] = [];
    const hear = (warning: Error) => void warnings.push(warning);
    process.on("warning", hear);
    try {
      let isWell = true;
      const ring = load(() => {
        if (isWell) return [one];
        throw new Error("a password in a message");
      });
      for (const now of [false, false, true, false, false]) {
        isWell = now;
        await ring.reload().catch(() => undefined);
      }
      // Warnings come by process.nextTick.
      await new Promise((resolve) => setImmediate(resolve));
      expect(warnings.map(({ code }) => code)).to.deep.equal(["KEYS_NOT_LOADED", "KEYS_NOT_LOADED"]);
      expect(warnings[0]?.message).to.match(/The keys stay as they were\. Give keyRing\(\) a failed/).and.not.to.include("password");
    } finally {
      process.off("warning", hear);
    }
  });

  it("never has two loads under way, however slow they are and however often it is asked", async () => {
    let underWay = 0;
    let most = 0;
    let loads = 0;
    const enough = new Promise<void>((resolve) => {
      const ring = load(async () => {
        most = Math.max(most, ++underWay);
        await new Promise((later) => setTimeout(later, 5));
        underWay -= 1;
        if (++loads === 6) resolve();
        return [one];
      }, { every: 1 });
      for (let call = 0; call < 20; call += 1) void ring.reload();
    });
    await enough;
    expect(most).to.equal(1);
  });

  it("reads once more for whoever asks while a load is under way, since that one may have read too early", async () => {
    let keys = [one];
    let release: (() => void) | undefined;
    let first = true;
    const ring = load(async () => {
      const read = keys;
      if (first) await new Promise<void>((resolve) => (release = resolve));
      first = false;
      return read;
    });
    keys = [two];
    const reloaded = ring.reload();
    release?.();
    await reloaded;
    expect(await codeOf(() => jwt({ keys: ring }).verify(jwt({ keys: [two] }).issue({ sub: "alice" }, soon)))).to.equal("nothing");
  });

  it("gives up a load that takes longer than its timeout, and takes nothing of what it answers then", async () => {
    const signals: AbortSignal[] = [];
    let answerLate: (keys: Key[]) => void = () => undefined;
    let isSlow = false;
    const ring = load((signal) => {
      signals.push(signal);
      return isSlow ? new Promise<Key[]>((resolve) => (answerLate = resolve)) : [one];
    }, { timeout: 5, failed: () => undefined });
    isSlow = true;
    expect(await codeOf(() => ring.reload())).to.equal("load_timeout");
    expect(signals.map(({ aborted }) => aborted)).to.deep.equal([false, true]);
    answerLate([two]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(ring.generation).to.equal(1);
  });
});
