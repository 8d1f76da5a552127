/** A ring that loads its keys: when it is ready, what changes it, and what a failure leaves as it was. */
import { once } from "node:events";
import { expect } from "chai";
import { afterEach } from "mocha";
import { jwt } from "../../../lib/authenticate/jwt.js";
import { GuardError } from "../../../lib/protocol.js";
import { type Key, type LoadedKeyRing, type LoadOptions, keyRing } from "../../../lib/token/keys.js";
import { closeEverything, event, refusal, serve } from "../../support/server.js";

const [one, two] = ["1", "2"].map((digit) => ({ kid: digit, secret: digit.repeat(64) })) as [Key, Key];
const soon = { expiresIn: "1h" } as const;

const rings: LoadedKeyRing[] = [];

function load(given: LoadOptions["load"], options: Omit<LoadOptions, "load"> = {}): LoadedKeyRing {
  const ring = keyRing({ load: given, every: "1h", ...options });
  rings.push(ring);
  return ring;
}

/** The code with which it rejects, or which it throws. */
async function codeOf(make: () => unknown): Promise<string> {
  try {
    await make();
  } catch (error) {
    expect(error).to.be.instanceOf(GuardError);
    expect((error as GuardError).message).to.match(/^[^\n]+[.?]$/);
    return (error as GuardError).code;
  }
  return "nothing";
}

const changeOf = (ring: LoadedKeyRing) => new Promise<void>((resolve) => void ring.onChange(resolve));

describe("a key ring that loads", () => {
  afterEach(async () => {
    await closeEverything();
    rings.splice(0).forEach((ring) => ring.close());
  });

  it("is ready at once when load answers at once", async () => {
    const ring = load(() => [one, two]);
    const tokens = jwt({ keys: ring, algorithms: ["HS256"] });
    expect((await tokens.verify(tokens.issue({ sub: "alice" }, soon))).sub).to.equal("alice");
    expect(ring.generation).to.equal(1);
    await ring.ready;
  });

  it("refuses tokens as unavailable, for a later try, until it is ready", async () => {
    let answer: (keys: Key[]) => void = () => undefined;
    const ring = load(() => new Promise<Key[]>((resolve) => (answer = resolve)));
    const tokens = jwt({ keys: ring, algorithms: ["HS256"] });
    const token = jwt({ keys: [one] }).issue({ sub: "alice" }, soon);
    const handshake = { auth: { token }, headers: {} } as unknown as Parameters<typeof tokens.authenticate>[0];
    expect(tokens.authenticate(handshake)).to.deep.include({ code: "unavailable", status: 503, reconnect: "later" });
    expect(await codeOf(() => tokens.verify(token))).to.equal("unavailable");
    expect(await codeOf(() => tokens.verify("nonsense"))).to.equal("token_malformed");
    expect(await codeOf(() => tokens.issue({ sub: "alice" }, soon))).to.equal("unavailable");
    answer([one]);
    await ring.ready;
    expect(tokens.authenticate(handshake)).to.deep.include({ subject: "alice" });
  });

  it("is never ready when its first load fails, and says why", async () => {
    const secret = "a secret that no error may hold, thirty-two bytes";
    const cases: [LoadOptions["load"], string][] = [
      [() => { throw new Error(`no such file ${secret}`); }, "keys_not_loaded"],
      [() => Promise.reject(new Error(secret)), "keys_not_loaded"],
      [() => [], "keys_empty"],
      [() => undefined as never, "keys_invalid"],
      [async () => ({ secret }) as never, "keys_invalid"],
      [() => [{ kid: "a", secret: undefined }], "secret_missing"],
      [async () => [{ secret }, { secret }], "key_duplicate"],
    ];
    for (const [given, code] of cases) {
      const ring = load(given);
      expect(await codeOf(() => ring.ready)).to.equal(code);
      await ring.ready.catch((error: Error) => expect(error.message).not.to.include(secret));
      expect(await codeOf(() => jwt({ keys: ring }).issue({ sub: "alice" }, soon))).to.equal("unavailable");
    }
  });

  it("keeps what load threw as the cause of its own error", async () => {
    const thrown = new Error("disk");
    const ring = load(() => Promise.reject(thrown));
    expect(await ring.ready.catch((error: Error) => error.cause)).to.equal(thrown);
  });

  it("becomes ready later when a first load failed and a host started nevertheless", async () => {
    let attempts = 0;
    const ring = load(async () => {
      attempts += 1;
      if (attempts < 3) throw new Error("not yet");
      return [one];
    }, { every: 1, failed: () => undefined });
    const changed = changeOf(ring);
    expect(await codeOf(() => ring.ready)).to.equal("keys_not_loaded");
    await changed;
    expect(jwt({ keys: ring }).issue({ sub: "alice" }, soon)).to.be.a("string");
  });

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

  it("tells a client to come later while it is not ready", async () => {
    const { connect } = await serve({ authenticate: jwt({ keys: load(() => new Promise(() => undefined)) }) as never });
    const token = jwt({ keys: [one] }).issue({ sub: "alice" }, soon);
    expect((await refusal(connect("/", { auth: { token } }))).data).to.deep.include({ code: "unavailable", reconnect: "later" });
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

  it("leaves its keys to load: rotate and drop are refused", async () => {
    const ring = load(() => [one]);
    expect(await codeOf(() => ring.rotate(two, { grace: "1h" }))).to.equal("ring_loaded");
    expect(await codeOf(() => ring.drop("1"))).to.equal("ring_loaded");
    expect(ring.generation).to.equal(1);
  });

  it("loads no more once it is closed, and keeps its keys", async () => {
    let loads = 0;
    const ring = load(async (signal) => {
      loads += 1;
      if (loads === 2) await once(signal, "abort");
      return loads === 1 ? [one] : [two];
    }, { failed: () => expect.fail("an end that was asked for is no failure") });
    await ring.ready;
    const running = codeOf(() => ring.reload());
    await new Promise((resolve) => setImmediate(resolve));
    ring.close();
    ring.close();
    expect(await running).to.equal("ring_closed");
    expect(await codeOf(() => ring.reload())).to.equal("ring_closed");
    expect([loads, ring.generation]).to.deep.equal([2, 1]);
    expect(jwt({ keys: ring }).issue({ sub: "alice" }, soon)).to.be.a("string");
  });

  it("that is closed before it was ready ends nobody's process", async () => {
    const ring = load(() => new Promise(() => undefined));
    ring.close();
    expect(await codeOf(() => ring.ready)).to.equal("ring_closed");
  });

  it("refuses options that make no sense", async () => {
    const wrong: [unknown, string][] = [
      [{ load: undefined }, "load_invalid"],
      [{ load: [one] }, "load_invalid"],
      [{ load: () => [one], every: 0 }, "duration_invalid"],
      [{ load: () => [one], every: "often" }, "duration_invalid"],
      [{ load: () => [one], timeout: 0 }, "duration_invalid"],
      [{ load: () => [one], failed: "log" }, "failed_invalid"],
      [{ load: () => [one], evry: "1m" }, "option_unknown"],
      [{ every: "1m" }, "keys_invalid"],
    ];
    for (const [given, code] of wrong) expect(await codeOf(() => keyRing(given as LoadOptions))).to.equal(code);
  });
});
