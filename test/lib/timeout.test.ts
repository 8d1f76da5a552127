import { expect } from "chai";
import { TimeoutError, withTimeout } from "../../lib/timeout.js";

const outcome = (result: Promise<unknown>) => result.then((value) => value, (error: unknown) => error);
const never = () => new Promise<never>(() => undefined);

describe("withTimeout", () => {
  it("returns what the work returns, with or without a promise", async () => {
    expect(await withTimeout({ ms: 10_000, message: "late" }, () => 1)).to.equal(1);
    expect(await withTimeout({ ms: 10_000, message: "late" }, async () => 2)).to.equal(2);
  });

  it("rejects with what the work throws, with or without a promise", async () => {
    const error = new Error("no");
    expect(await outcome(withTimeout({ ms: 10_000, message: "late" }, () => { throw error; }))).to.equal(error);
    expect(await outcome(withTimeout({ ms: 10_000, message: "late" }, () => Promise.reject(error)))).to.equal(error);
  });

  it("rejects and aborts the work's signal when the time is over", async () => {
    let signal: AbortSignal | undefined;
    const error = await outcome(withTimeout({ ms: 1, message: "it took too long", keepAlive: true }, (given) => { signal = given; return never(); }));
    expect(error).to.be.instanceOf(TimeoutError).with.property("message", "it took too long");
    expect(signal?.reason).to.equal(error);
  });

  it("rejects and aborts the work's signal when its own signal aborts", async () => {
    const controller = new AbortController();
    const closed = new Error("closed");
    let signal: AbortSignal | undefined;
    const result = outcome(withTimeout({ ms: 10_000, message: "late", signal: controller.signal }, (given) => { signal = given; return never(); }));
    controller.abort(closed);
    expect([await result, signal?.reason]).to.deep.equal([closed, closed]);
  });

  it("does not abort the signal of work that is done", async () => {
    let signal: AbortSignal | undefined;
    const controller = new AbortController();
    await withTimeout({ ms: 10_000, message: "late", signal: controller.signal }, (given) => { signal = given; });
    controller.abort();
    expect(signal?.aborted).to.equal(false);
  });
});
