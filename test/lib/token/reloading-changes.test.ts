/** A ring that loads its keys again: what changes it, and that a failure changes nothing. */
import { expect } from "chai";
import { afterEach } from "mocha";
import { jwt } from "../../../lib/authenticate/jwt.js";
import type { JwtKey } from "../../../lib/token/create-key-ring.js";
import { event, serve } from "../../support/server.js";
import { changeOf, closeLoading, codeOf, load, one, soon, two } from "./loading.js";

describe("A key ring that loads again", () => {
  afterEach(closeLoading);

  it("loads again by itself, and without a grace refuses the tokens of keys that are missing", async () => {
    let keys = [one, two];
    const ring = load(async () => keys, { pollInterval: 1, missingKeyGrace: 0 });
    await ring.ready;
    const token = jwt({ keys: [two] }).issue({ sub: "alice" }, soon);
    const tokens = jwt({ keys: ring });
    expect((await tokens.verify(token)).sub).to.equal("alice");
    const changed = changeOf(ring);
    keys = [one];
    await changed;
    expect(await codeOf(() => tokens.verify(token))).to.equal("token_invalid");
  });

  it("without a grace ends the sessions of a missing key at once, and admits clients with tokens of another", async () => {
    let keys = [one, two];
    const ring = load(() => keys, { missingKeyGrace: 0 });
    const { connect } = await serve({ authenticate: jwt({ keys: ring }) as never });
    const clientOf = (key: JwtKey) => connect("/", { auth: { token: jwt({ keys: [key] }).issue({ sub: "alice" }, soon) } });
    const [stays, goes] = [clientOf(one), clientOf(two)];
    await Promise.all([stays, goes].map((client) => event(client, "guard:session")));
    const bye = event(goes, "guard:bye");
    keys = [one];
    await ring.reload();
    expect(await bye).to.deep.include({ code: "token_invalid", reconnect: "never" });
    expect(stays.connected).to.equal(true);
    await event(clientOf(one), "guard:session");
  });

  it("counts the loads that change something, and no others", async () => {
    const until = Date.now() + 3_600_000;
    let keys: readonly JwtKey[] = [one, two];
    const ring = load(() => keys, { missingKeyGrace: 0 });
    const generationAfter = async (next: readonly JwtKey[]) => {
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

  it("keeps the last keys when a load fails or returns wrong keys, and calls onError each time", async () => {
    let answer: () => readonly JwtKey[] | Promise<readonly JwtKey[]> = () => [one];
    const told: string[] = [];
    const ring = load(() => answer(), { onError: (error) => told.push(error.code) });
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

  it("warns once about failures in a row, and once when a load succeeds again", async () => {
    const warnings: (Error & { code?: string })[] = [];
    const hear = (warning: Error) => void warnings.push(warning);
    process.on("warning", hear);
    try {
      let isWell = true;
      const ring = load(() => {
        if (isWell) return [one];
        throw new Error("a password in a message");
      });
      for (const now of [false, false, true, true]) {
        isWell = now;
        await ring.reload().catch(() => undefined);
      }
      // Warnings come by process.nextTick.
      await new Promise((resolve) => setImmediate(resolve));
      expect(warnings.map(({ code }) => code)).to.deep.equal(["KEYS_NOT_LOADED", "KEYS_NOT_LOADED"]);
      expect(warnings[1]?.message).to.equal("The keys of keyRing() can be loaded again.");
      expect(warnings[0]?.message).to.match(/The keys stay as they were\. Give keyRing\(\) an `onError`/).and.not.to.include("password");
    } finally {
      process.off("warning", hear);
    }
  });

  it("never has two loads under way, even if they are slow and often asked for", async () => {
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
      }, { pollInterval: 1 });
      for (let call = 0; call < 20; call += 1) void ring.reload();
    });
    await enough;
    expect(most).to.equal(1);
  });

  it("loads once more when asked during a load, because that load may have read too early", async () => {
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

  it("gives up a load after its timeout, and ignores what it returns later", async () => {
    const signals: AbortSignal[] = [];
    let answerLate: (keys: JwtKey[]) => void = () => undefined;
    let isSlow = false;
    const ring = load((signal) => {
      signals.push(signal);
      return isSlow ? new Promise<JwtKey[]>((resolve) => (answerLate = resolve)) : [one];
    }, { timeout: 5, onError: () => undefined });
    isSlow = true;
    expect(await codeOf(() => ring.reload())).to.equal("load_timeout");
    expect(signals.map(({ aborted }) => aborted)).to.deep.equal([false, true]);
    answerLate([two]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(ring.generation).to.equal(1);
  });
});
