/** A ring that loads its keys: when it is ready, which options it refuses, and how it is closed. */
import { once } from "node:events";
import { expect } from "chai";
import { afterEach } from "mocha";
import { jwt } from "../../../lib/authenticate/jwt.js";
import { type JwtKey, type KeyRingOptions, keyRing } from "../../../lib/token/create-key-ring.js";
import { refusal, serve } from "../../support/server.js";
import { changeOf, closeLoading, codeOf, load, one, soon, two } from "./loading.js";

describe("A key ring that loads its keys", () => {
  afterEach(closeLoading);

  it("is ready at once when load returns no promise", async () => {
    const ring = load(() => [one, two]);
    const tokens = jwt({ keys: ring, algorithms: ["HS256"] });
    expect((await tokens.verify(tokens.issue({ sub: "alice" }, soon))).sub).to.equal("alice");
    expect(ring.generation).to.equal(1);
    await ring.ready;
  });

  it("refuses tokens as unavailable until it is ready, and says since when it is not", async () => {
    let answer: (keys: JwtKey[]) => void = () => undefined;
    const ring = load(() => new Promise<JwtKey[]>((resolve) => (answer = resolve)));
    const tokens = jwt({ keys: ring, algorithms: ["HS256"] });
    const token = jwt({ keys: [one] }).issue({ sub: "alice" }, soon);
    const handshake = { auth: { token }, headers: {} } as unknown as Parameters<typeof tokens.authenticate>[0];
    expect(tokens.authenticate(handshake)).to.have.property("denial").that.includes({ code: "unavailable", status: 503, reconnect: "later" });
    expect(tokens.notReadySince?.()).to.be.within(Date.now() - 5_000, Date.now());
    expect(await codeOf(() => tokens.verify(token))).to.equal("unavailable");
    expect(await codeOf(() => tokens.verify("nonsense"))).to.equal("token_malformed");
    expect(await codeOf(() => tokens.issue({ sub: "alice" }, soon))).to.equal("unavailable");
    answer([one]);
    await ring.ready;
    expect(tokens.authenticate(handshake)).to.deep.include({ subject: "alice" });
    expect(tokens.notReadySince?.()).to.equal(undefined);
  });

  it("rejects ready with the reason when its first load fails", async () => {
    const secret = "a secret that no error may hold, thirty-two bytes";
    const cases: [KeyRingOptions["load"], string][] = [
      [() => { throw new Error(`no such file ${secret}`); }, "keys_not_loaded"],
      [() => Promise.reject(new Error(secret)), "keys_not_loaded"],
      [() => [], "keys_empty"],
      [() => undefined as never, "option_invalid"],
      [async () => ({ secret }) as never, "option_invalid"],
      [() => [{ kid: "a", secret: undefined }], "option_missing"],
      [async () => [{ secret }, { secret }], "key_duplicate"],
    ];
    for (const [given, code] of cases) {
      const ring = load(given);
      expect(await codeOf(() => ring.ready)).to.equal(code);
      await ring.ready.catch((error: Error) => expect(error.message).not.to.include(secret));
      expect(await codeOf(() => jwt({ keys: ring }).issue({ sub: "alice" }, soon))).to.equal("unavailable");
    }
  });

  it("has what load threw as the cause of its own error", async () => {
    const thrown = new Error("disk");
    const ring = load(() => Promise.reject(thrown));
    expect(await ring.ready.catch((error: Error) => error.cause)).to.equal(thrown);
  });

  it("becomes ready later when the first load failed and the host started nevertheless", async () => {
    let attempts = 0;
    const ring = load(async () => {
      attempts += 1;
      if (attempts < 3) throw new Error("not yet");
      return [one];
    }, { pollInterval: 1, onError: () => undefined });
    const changed = changeOf(ring);
    expect(await codeOf(() => ring.ready)).to.equal("keys_not_loaded");
    await changed;
    expect(jwt({ keys: ring }).issue({ sub: "alice" }, soon)).to.be.a("string");
  });

  it("tells clients to come later while it is not ready", async () => {
    const { connect } = await serve({ authenticate: jwt({ keys: load(() => new Promise(() => undefined)) }) as never });
    const token = jwt({ keys: [one] }).issue({ sub: "alice" }, soon);
    expect((await refusal(connect("/", { auth: { token } }))).data).to.deep.include({ code: "unavailable", reconnect: "later" });
  });

  it("refuses rotate and revoke, because its keys come from load", async () => {
    const ring = load(() => [one]);
    expect(await codeOf(() => ring.rotate(two, { grace: "1h" }))).to.equal("ring_loaded");
    expect(await codeOf(() => ring.revoke({ kid: "1" }))).to.equal("ring_loaded");
    expect(ring.generation).to.equal(1);
  });

  it("stops loading and keeps its keys once it is closed", async () => {
    let loads = 0;
    const ring = load(async (signal) => {
      loads += 1;
      if (loads === 2) await once(signal, "abort");
      return loads === 1 ? [one] : [two];
    }, { onError: () => expect.fail("closing is not a failure") });
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

  it("does not end the process when it is closed before it was ready", async () => {
    const ring = load(() => new Promise(() => undefined));
    ring.close();
    expect(await codeOf(() => ring.ready)).to.equal("ring_closed");
  });

  it("refuses wrong options", async () => {
    const wrong: [unknown, string][] = [
      [{ load: undefined }, "option_invalid"],
      [{ load: [one] }, "option_invalid"],
      [{ load: () => [one], pollInterval: 0 }, "option_invalid"],
      [{ load: () => [one], pollInterval: "often" }, "option_invalid"],
      [{ load: () => [one], timeout: 0 }, "option_invalid"],
      [{ load: () => [one], onError: "log" }, "option_invalid"],
      [{ load: () => [one], polInterval: "1m" }, "option_unknown"],
      [{ pollInterval: "1m" }, "option_invalid"],
    ];
    for (const [given, code] of wrong) expect(await codeOf(() => keyRing(given as KeyRingOptions))).to.equal(code);
  });
});
