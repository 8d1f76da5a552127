import { expect } from "chai";
import { z } from "zod";
import { anyone, signedIn } from "../../../lib/policy/checks.js";
import { denial } from "../../../lib/protocol.js";
import { ask, codeFor, guestSession } from "./support.js";

/** A Standard Schema that validates as it is told. */
const schema = (validate: (value: unknown) => unknown) => ({ "~standard": { version: 1, vendor: "test", validate } });
const word = z.string().min(1).max(20);
const taking = (payload: unknown, ...args: unknown[]) => codeFor({ allow: signedIn, payload }, { args });

describe("payload", () => {
  it("takes one schema for a single argument", async () => {
    expect(await taking(word, "hello")).to.equal(true);
    for (const args of [[1], [""], [null], [undefined], [["hello"]], [{}], [], ["hello", "again"], ["hello", undefined]]) expect(await taking(word, ...args), JSON.stringify(args)).to.equal("payload_invalid");
  });

  it("takes a list of schemas for several arguments", async () => {
    const payload = [word, z.number().int()];
    expect(await taking(payload, "hello", 1)).to.equal(true);
    for (const args of [["hello"], ["hello", "1"], [1, "hello"], [1, 1], ["hello", 1, 1], ["hello", 1.5], [], [["hello", 1]]]) expect(await taking(payload, ...args), JSON.stringify(args)).to.equal("payload_invalid");
  });

  it("takes an empty list for no argument", async () => {
    expect(await taking([])).to.equal(true);
    for (const args of [[undefined], [null], [1], [[]]]) expect(await taking([], ...args), JSON.stringify(args)).to.equal("payload_invalid");
  });

  it("counts exactly: a schema that would take undefined stands for an argument all the same", async () => {
    expect(await taking(z.string().optional())).to.equal("payload_invalid");
    expect(await taking(z.string().optional(), undefined)).to.equal(true);
  });

  it("takes a schema that is a function, as arktype's are", async () => {
    const callable = Object.assign(() => { throw new Error("not to be called"); }, schema((value) => (value === "yes" ? { value } : { issues: [{ message: "no" }] })));
    expect(await taking(callable, "yes")).to.equal(true);
    expect(await taking([callable], "no")).to.equal("payload_invalid");
  });

  it("takes a schema that is an instance with its own this", async () => {
    class Own {
      readonly "~standard" = { version: 1, vendor: "test", wanted: "yes", validate(value: unknown) { return value === this.wanted ? { value } : { issues: [] }; } };
    }
    expect(await taking(new Own(), "yes")).to.equal(true);
    expect(await taking(new Own(), "no")).to.equal("payload_invalid");
  });

  it("holds for anyone too, and is not looked at for a guest who may not", async () => {
    let looks = 0;
    const payload = schema((value) => { looks += 1; return { value }; });
    expect(await codeFor({ allow: signedIn, payload }, { args: [1], session: guestSession() })).to.equal("token_missing");
    expect(looks).to.equal(0);
    expect(await codeFor({ allow: anyone, payload }, { args: [1], session: guestSession() })).to.equal(true);
    expect(await codeFor({ allow: anyone, payload }, { args: [], session: guestSession() })).to.equal("payload_invalid");
  });

  it("is looked at before the check, which is not asked about what does not fit", async () => {
    let asked = 0;
    expect(await codeFor({ allow: () => { asked += 1; return true; }, payload: word }, { args: [1] })).to.equal("payload_invalid");
    expect(asked).to.equal(0);
  });

  it("gives the check and the handler what the schema made of the arguments", () => {
    let seen: unknown;
    const payload = [z.string().trim().toLowerCase(), z.object({ count: z.coerce.number(), kept: z.boolean().default(true) })];
    const { verdict, data } = ask({ allow: ({ args }: { args: unknown }) => { seen = args; return true; }, payload }, { args: ["  HELLO ", { count: "7", extra: "gone" }] });
    expect(verdict).to.equal(true);
    expect(data).to.deep.equal(["ask", "hello", { count: 7, kept: true }]);
    expect(seen).to.deep.equal(["hello", { count: 7, kept: true }]);
  });

  it("without one, the arguments stay as they came", () => {
    const given = { count: "7", extra: "kept" };
    const { data } = ask(signedIn, { args: ["  HELLO ", given] });
    expect(data).to.deep.equal(["ask", "  HELLO ", given]);
    expect(data[2]).to.equal(given);
  });

  it("reads names such as __proto__ like any other", async () => {
    const attack = JSON.parse('{"__proto__":{"admin":true},"text":"hello"}') as object;
    expect(await taking(z.strictObject({ text: z.string() }), attack)).to.equal("payload_invalid");
    const { data } = ask({ allow: signedIn, payload: z.object({ text: z.string() }) }, { args: [attack] });
    expect(data[1]).to.deep.equal({ text: "hello" });
    expect(({} as { admin?: unknown }).admin).to.equal(undefined);
  });

  it("that answers at once takes no promise", () => {
    for (const args of [["hello"], [1], []]) expect(ask({ allow: signedIn, payload: word }, { args }).verdict).not.to.be.instanceOf(Promise);
  });
});

describe("a schema", () => {
  it("that throws has failed", async () => {
    const { verdict, failures } = ask({ allow: signedIn, payload: schema(() => { throw new Error("regular expression too slow"); }) }, { args: [1] });
    expect(verdict).to.deep.equal(denial("check_failed", { event: "ask" }));
    expect(failures.map(({ error }) => (error as Error).message)).to.deep.equal(["regular expression too slow"]);
  });

  it("that answers nothing of use has failed", async () => {
    for (const answer of [undefined, null, { issues: null }]) expect(await taking(schema(() => answer), 1), JSON.stringify(answer)).to.equal("check_failed");
    for (const answer of [undefined, null, { issues: null }]) expect(await taking(schema(async () => answer), 1), JSON.stringify(answer)).to.equal("check_failed");
  });

  it("that answers with issues does not fit, even with none in the list or with a value beside them", async () => {
    for (const issues of [[], [{ message: "no" }], [{}], [{ path: undefined }]]) expect(await taking(schema(() => ({ value: 1, issues })), 1)).to.equal("payload_invalid");
  });

  it("may answer undefined as its value", () => {
    const { verdict, data } = ask({ allow: signedIn, payload: schema(() => ({ value: undefined })) }, { args: [1] });
    expect(verdict).to.equal(true);
    expect(data).to.deep.equal(["ask", undefined]);
  });
});

describe("the denial of arguments that do not fit", () => {
  const told = (payload: unknown, ...args: unknown[]) => ask({ allow: signedIn, payload }, { args }).verdict;

  it("says which argument, and where in it", () => {
    const payload = [z.string(), z.object({ lines: z.array(z.object({ price: z.number() })) })];
    expect(told(payload, 1, {})).to.deep.equal(denial("payload_invalid", { event: "ask", message: 'Argument 1 of "ask" is not valid.' }));
    expect(told(payload, "a", { lines: [{ price: 1 }, { price: "2" }] })).to.have.property("message", 'Argument 2 of "ask" is not valid at lines.1.price.');
  });

  it("says how many there must be", () => {
    expect(told([word, word], "a")).to.deep.equal(denial("payload_invalid", { event: "ask", message: '"ask" takes 2 argument(s), and was given 1.' }));
  });

  it("reads paths of every form that the standard allows", () => {
    const path = ["list", 0, { key: "name" }, Symbol("inner"), { key: 7 }];
    expect(told(schema(() => ({ issues: [{ message: "no", path }] })), 1)).to.have.property("message", 'Argument 1 of "ask" is not valid at list.0.name.Symbol(inner).7.');
  });

  it("has an end: a path is cut at 64 characters", () => {
    const path = Array.from({ length: 1_000 }, () => "deep");
    expect((told(schema(() => ({ issues: [{ message: "no", path }] })), 1) as { message: string }).message).to.have.length('Argument 1 of "ask" is not valid at .'.length + 64);
  });

  it("never tells the value, nor what the schema says of it", () => {
    const value = "marker-of-a-secret";
    const payloads: [unknown, unknown][] = [
      [z.number(), value], [z.literal("other"), value], [z.enum(["a", "b"]), value], [z.object({ deep: z.object({ secret: z.number() }) }), { deep: { secret: value } }],
      [z.array(z.number()), [1, value]], [z.union([z.number(), z.boolean()]), value], [z.string().refine(() => false, { error: ({ input }) => `${String(input)} is wrong` }), value],
      [z.strictObject({}), { [value]: 1 }], [schema((given) => ({ issues: [{ message: `${String(given)} is wrong` }] })), value],
    ];
    for (const [payload, given] of payloads) {
      const denied = told(payload, given);
      expect(denied).to.have.property("code", "payload_invalid");
      expect(JSON.stringify(denied)).not.to.include(value);
    }
  });
});
