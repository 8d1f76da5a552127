/** A ring that loads its keys: when it is ready, what it refuses, and how it is closed. */
import { once } from "node:events";
import { expect } from "chai";
import { afterEach } from "mocha";
import { jwt } from "../../../lib/authenticate/jwt.js";
import { type Key, type LoadOptions, keyRing } from "../../../lib/token/keys.js";
import { refusal, serve } from "../../support/server.js";
import { changeOf, closeLoading, codeOf, load, one, soon, two } from "./loading.js";

describe("a key ring that loads", () => {
  afterEach(closeLoading);

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

  it("tells a client to come later while it is not ready", async () => {
    const { connect } = await serve({ authenticate: jwt({ keys: load(() => new Promise(() => undefined)) }) as never });
    const token = jwt({ keys: [one] }).issue({ sub: "alice" }, soon);
    expect((await refusal(connect("/", { auth: { token } }))).data).to.deep.include({ code: "unavailable", reconnect: "later" });
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
      [{ load: () => [one], every: 0 }, "option_invalid"],
      [{ load: () => [one], every: "often" }, "option_invalid"],
      [{ load: () => [one], timeout: 0 }, "option_invalid"],
      [{ load: () => [one], failed: "log" }, "failed_invalid"],
      [{ load: () => [one], evry: "1m" }, "option_unknown"],
      [{ every: "1m" }, "keys_invalid"],
    ];
    for (const [given, code] of wrong) expect(await codeOf(() => keyRing(given as LoadOptions))).to.equal(code);
  });
});
