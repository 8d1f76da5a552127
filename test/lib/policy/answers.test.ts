import { expect } from "chai";
import { denial } from "../../../lib/protocol.js";
import { ask, codeFor, type AnyAnswer } from "./support.js";

/** What looks like yes, and is not the literal true. */
const almostTrue: readonly [string, unknown][] = [
  ["1", 1], ["a word", "true"], ["an object", {}], ["a list", [true]], ["undefined", undefined], ["null", null], ["0", 0], ["an empty word", ""],
  ["NaN", Number.NaN], ["a Boolean object", new Boolean(true)], ["a symbol", Symbol("true")], ["a function", () => true], ["a Map", new Map([["allow", true]])],
  ["an Error", new Error("no")], ["what converts to true", { valueOf: () => true }], ["almost a denial", { guard: true }], ["another's denial", { code: "forbidden", guard: "true" }],
];

/** The same answer, as checks may give it. */
const ways: readonly [string, (answer: unknown) => AnyAnswer][] = [
  ["at once", (answer) => () => answer],
  ["by a promise", (answer) => async () => answer],
  ["by a promise of a promise", (answer) => () => Promise.resolve().then(() => Promise.resolve(answer))],
  ["by a thenable", (answer) => () => ({ then: (resolve: (answer: unknown) => void) => resolve(answer) })],
  ["by a thenable, later and twice", (answer) => () => ({ then: (resolve: (answer: unknown) => void) => setImmediate(() => { resolve(answer); resolve(true); }) })],
];

describe("a check", () => {
  for (const [way, answering] of ways) {
    describe(`that answers ${way}`, () => {
      it("allows by the literal true", async () => {
        expect(await codeFor(answering(true))).to.equal(true);
      });

      it("forbids by false", async () => {
        const { verdict, failures } = ask(answering(false));
        expect(await verdict).to.deep.equal(denial("forbidden", { event: "ask" }));
        expect(failures).to.deep.equal([]);
      });

      it("forbids by a denial, in its own words", async () => {
        const own = denial("forbidden", { message: "Not on Sundays.", retryAfter: 86_400_000 });
        expect(await ask(answering(own)).verdict).to.deep.equal({ ...own, event: "ask" });
      });

      for (const [name, answer] of almostTrue) {
        it(`has failed if the answer is ${name}`, async () => {
          const { verdict, failures } = ask(answering(answer));
          expect(await verdict).to.deep.equal(denial("check_failed", { event: "ask" }));
          expect(failures.map(({ event, error }) => [event, (error as Error).message])).to.deep.equal([["ask", 'The check of "ask" answered neither true, false nor deny(...).']]);
        });
      }
    });
  }

  const rejecting: unknown = { then: (_: unknown, reject: (error: Error) => void) => reject(new Error("database down")) };
  const failing: readonly [string, AnyAnswer][] = [
    ["throws", () => { throw new Error("database down"); }],
    ["rejects", async () => { throw new Error("database down"); }],
    ["answers a thenable that rejects", () => rejecting],
    ["answers a thenable that throws", () => ({ then() { throw new Error("database down"); } })],
    ["answers what throws when it is looked at", () => ({ get then() { throw new Error("database down"); } })],
    ["answers a denial that throws when it is looked at", () => ({ get guard() { throw new Error("database down"); } })],
    ["answers a promise of a thenable that rejects", async () => rejecting],
  ];
  for (const [way, check] of failing) {
    it(`that ${way} has failed: the host hears why, the client does not`, async () => {
      const { verdict, failures } = ask(check);
      const told = await verdict;
      expect(told).to.deep.equal(denial("check_failed", { event: "ask" }));
      expect(JSON.stringify(told)).not.to.include("database");
      expect(failures.map(({ event, error }) => [event, (error as Error).message])).to.deep.equal([["ask", "database down"]]);
    });
  }

  it("that throws nothing, or throws true, has failed", async () => {
    for (const thrown of [undefined, null, true, "true"]) {
      expect(await codeFor(() => { throw thrown as unknown; })).to.equal("check_failed");
      expect(await codeFor(async () => { throw thrown as unknown; })).to.equal("check_failed");
    }
  });

  it("that answers at once takes no promise", () => {
    for (const answer of [true, false, 1]) expect(ask(() => answer).verdict).not.to.be.instanceOf(Promise);
    expect(ask(() => { throw new Error("no"); }).verdict).not.to.be.instanceOf(Promise);
  });
});
