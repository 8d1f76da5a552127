import { expect } from "chai";
import { Refusal } from "../../../lib/refusal.js";
import { denial } from "../../../lib/protocol.js";
import { every, some } from "../../../lib/policy/checks.js";
import type { EventCheck } from "../../../lib/policy/rules.js";
import { ask, codeFor, sessionOf, type AnyAnswer } from "./support.js";

const never = () => new Promise<never>(() => undefined);
const soon = { options: { checkTimeout: 5 } };

/** A check that never answers, and the signal that it was given. */
function waiting(): { check: AnyAnswer; signal: () => AbortSignal } {
  let signal: AbortSignal | undefined;
  return { check: (context) => { signal = context.signal; return never(); }, signal: () => signal! };
}

describe("The option checkTimeout", () => {
  it("denies an event if its check takes longer", async () => {
    expect(await ask(never, soon).verdict).to.deep.equal(denial("check_timeout", { event: "ask" }));
    expect(await codeFor(() => ({ then: () => undefined }), soon)).to.equal("check_timeout");
  });

  it("limits the whole rule, and not each of its checks", async () => {
    expect(await codeFor(every<unknown>(async () => true, never), soon)).to.equal("check_timeout");
    expect(await codeFor(some<unknown>(never, () => true), soon)).to.equal("check_timeout");
  });

  it("limits an asynchronous schema", async () => {
    const payload = { "~standard": { version: 1, vendor: "test", validate: never } };
    expect(await codeFor({ allow: () => true, payload }, { ...soon, args: [1] })).to.equal("check_timeout");
  });

  it("is reported to the host as a failure", async () => {
    const { verdict, failures } = ask(never, soon);
    await verdict;
    expect(failures.map(({ event, error }) => [event, (error as Error).message])).to.deep.equal([["ask", 'The rule of "ask" took longer than `checkTimeout`.']]);
  });

  it("ignores an answer that comes later", async () => {
    let answer: (allowed: boolean) => void = () => undefined;
    const { verdict } = ask(() => new Promise<boolean>((resolve) => (answer = resolve)), soon);
    const told = await verdict;
    answer(true);
    expect(await verdict).to.equal(told).and.to.have.property("code", "check_timeout");
  });

  it("ignores a failure that comes later", async () => {
    let fail: (error: Error) => void = () => undefined;
    const { verdict, failures } = ask(() => new Promise((_, reject) => (fail = reject)), soon);
    await verdict;
    fail(new Error("too late"));
    await new Promise(setImmediate);
    expect(failures).to.have.length(1);
  });

  it("aborts the signal of the check", async () => {
    const { check, signal } = waiting();
    const { verdict } = ask(check, soon);
    expect(signal().aborted).to.equal(false);
    await verdict;
    expect(signal().aborted).to.equal(true);
  });

  it("aborts also a signal that is first read afterwards", async () => {
    let context: Parameters<EventCheck<unknown>>[0] | undefined;
    await ask((given: Parameters<EventCheck<unknown>>[0]) => { context = given; return never(); }, soon).verdict;
    expect(context?.signal.aborted).to.equal(true);
  });

  it("does not call the check if the schema took longer", async () => {
    let settle: (result: unknown) => void = () => undefined;
    let asked = 0;
    const payload = { "~standard": { version: 1, vendor: "test", validate: () => new Promise((resolve) => (settle = resolve)) } };
    const { verdict } = ask({ allow: () => { asked += 1; return true; }, payload }, { ...soon, args: [1] });
    await verdict;
    settle({ value: 1 });
    await new Promise(setImmediate);
    expect(asked).to.equal(0);
  });

  it("is shared by an asynchronous schema and the check after it", async () => {
    const payload = { "~standard": { version: 1, vendor: "test", validate: async (value: unknown) => { await new Promise((resolve) => setTimeout(resolve, 20)); return { value }; } } };
    const { check, signal } = waiting();
    const { verdict } = ask({ allow: check, payload }, { options: { checkTimeout: 1_000 }, args: [1] });
    await verdict;
    expect(signal().aborted).to.equal(true);
  });
});

describe("The signal of a check", () => {
  it("aborts with the denial as its reason when the session ends", async () => {
    const session = sessionOf();
    const { check, signal } = waiting();
    const { verdict } = ask(check, { session, ...soon });
    expect(signal().aborted).to.equal(false);
    session.ended = new Refusal(denial("token_revoked"));
    session.abort();
    expect(signal().aborted).to.equal(true);
    expect(signal().reason).to.deep.equal(denial("token_revoked"));
    await verdict;
  });

  it("is not created for a check that answers synchronously without reading it", () => {
    const created = countControllers();
    try {
      for (const check of [() => true, () => false]) ask(check);
      expect(created.count()).to.equal(0);
      ask(({ signal }: { signal: AbortSignal }) => !signal.aborted);
      expect(created.count()).to.be.greaterThan(0);
    } finally {
      created.stop();
    }
  });
});

function countControllers(): { count: () => number; stop: () => void } {
  const Original = globalThis.AbortController;
  let count = 0;
  globalThis.AbortController = class extends Original {
    constructor() {
      super();
      count += 1;
    }
  };
  return { count: () => count, stop: () => void (globalThis.AbortController = Original) };
}
