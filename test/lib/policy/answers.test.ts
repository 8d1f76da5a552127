import { expect } from "chai";
import { denial } from "../../../lib/protocol.js";
import { ask, codeFor, denialOf, type AnyAnswer } from "./support.js";

/** Values that look like true, but are not. */
const almostTrue: readonly [string, unknown][] = [
  ["1", 1], ["a word", "true"], ["an object", {}], ["a list", [true]], ["undefined", undefined], ["null", null], ["0", 0], ["an empty word", ""],
  ["NaN", Number.NaN], ["a Boolean object", new Boolean(true)], ["a symbol", Symbol("true")], ["a function", () => true], ["a Map", new Map([["allow", true]])],
  ["an Error", new Error("no")], ["what converts to true", { valueOf: () => true }], ["half a denial", { guard: true }], ["a forged denial", { code: "forbidden", guard: "true" }],
];

/** The ways in which a check may return an answer. */
const ways: readonly [string, (answer: unknown) => AnyAnswer][] = [
  ["synchronously", (answer) => () => answer],
  ["as a promise", (answer) => async () => answer],
  ["as a promise of a promise", (answer) => () => Promise.resolve().then(() => Promise.resolve(answer))],
  ["as a thenable", (answer) => () => ({ then: (resolve: (answer: unknown) => void) => resolve(answer) })],
  ["as a thenable that resolves later and twice", (answer) => () => ({ then: (resolve: (answer: unknown) => void) => setImmediate(() => { resolve(answer); resolve(true); }) })],
];

describe("A check", () => {
  for (const [way, answering] of ways) {
    describe(`that answers ${way}`, () => {
      it("allows if the answer is true", async () => {
        expect(await codeFor(answering(true))).to.equal(true);
      });

      it("denies as forbidden if the answer is false", async () => {
        const { verdict, failures } = ask(answering(false));
        expect(denialOf(await verdict)).to.deep.equal(denial("forbidden", { event: "ask" }));
        expect(failures).to.deep.equal([]);
      });

      it("denies with the message of deny(...)", async () => {
        const own = denial("forbidden", { message: "Not on Sundays.", retryAfter: 86_400_000 });
        expect(await ask(answering(own)).verdict).to.deep.equal({ ...own, event: "ask" });
      });

      for (const [name, answer] of almostTrue) {
        it(`fails if the answer is ${name}`, async () => {
          const { verdict, failures } = ask(answering(answer));
          expect(await verdict).to.deep.equal(denial("check_failed", { event: "ask" }));
          expect(failures.map(({ event, error }) => [event, (error as Error).message])).to.deep.equal([["ask", 'The check of "ask" must return true, false or deny(...).']]);
        });
      }
    });
  }

  const rejecting: unknown = { then: (_: unknown, reject: (error: Error) => void) => reject(new Error("database down")) };
  const failing: readonly [string, AnyAnswer][] = [
    ["throws", () => { throw new Error("database down"); }],
    ["rejects", async () => { throw new Error("database down"); }],
    ["returns a thenable that rejects", () => rejecting],
    ["returns a thenable that throws", () => ({ then() { throw new Error("database down"); } })],
    ["returns an object whose then getter throws", () => ({ get then() { throw new Error("database down"); } })],
    ["returns an object whose guard getter throws", () => ({ get guard() { throw new Error("database down"); } })],
    ["returns a promise of a thenable that rejects", async () => rejecting],
  ];
  for (const [way, check] of failing) {
    it(`that ${way} fails: the host is told why, but the client is not`, async () => {
      const { verdict, failures } = ask(check);
      const told = await verdict;
      expect(told).to.deep.equal(denial("check_failed", { event: "ask" }));
      expect(JSON.stringify(told)).not.to.include("database");
      expect(failures.map(({ event, error }) => [event, (error as Error).message])).to.deep.equal([["ask", "database down"]]);
    });
  }

  it("that throws undefined or true fails", async () => {
    for (const thrown of [undefined, null, true, "true"]) {
      expect(await codeFor(() => { throw thrown as unknown; })).to.equal("check_failed");
      expect(await codeFor(async () => { throw thrown as unknown; })).to.equal("check_failed");
    }
  });

  it("that answers synchronously costs no promise", () => {
    for (const answer of [true, false, 1]) expect(ask(() => answer).verdict).not.to.be.instanceOf(Promise);
    expect(ask(() => { throw new Error("no"); }).verdict).not.to.be.instanceOf(Promise);
  });
});
