import { expect } from "chai";
import { z } from "zod";
import { anyone, signedIn } from "../../../lib/policy/checks.js";
import type { PayloadRefusal } from "../../../lib/policy/payload.js";
import { denial } from "../../../lib/protocol.js";
import { ask, codeFor, guestSession } from "./support.js";

/** A Standard Schema with this function. */
const schema = (validate: (value: unknown) => unknown) => ({ "~standard": { version: 1, vendor: "test", validate } });
const word = z.string().min(1).max(20);
const taking = (payload: unknown, ...args: unknown[]) => codeFor({ allow: signedIn, payload }, { args });

describe("A payload", () => {
  it("may be one schema for one argument", async () => {
    expect(await taking(word, "hello")).to.equal(true);
    for (const args of [[1], [""], [null], [undefined], [["hello"]], [{}], [], ["hello", "again"], ["hello", undefined]]) expect(await taking(word, ...args), JSON.stringify(args)).to.equal("payload_invalid");
  });

  it("may be a list of schemas for several arguments", async () => {
    const payload = [word, z.number().int()];
    expect(await taking(payload, "hello", 1)).to.equal(true);
    for (const args of [["hello"], ["hello", "1"], [1, "hello"], [1, 1], ["hello", 1, 1], ["hello", 1.5], [], [["hello", 1]]]) expect(await taking(payload, ...args), JSON.stringify(args)).to.equal("payload_invalid");
  });

  it("may be an empty list for no arguments", async () => {
    expect(await taking([])).to.equal(true);
    for (const args of [[undefined], [null], [1], [[]]]) expect(await taking([], ...args), JSON.stringify(args)).to.equal("payload_invalid");
  });

  it("requires the exact number of arguments, even if a schema allows undefined", async () => {
    expect(await taking(z.string().optional())).to.equal("payload_invalid");
    expect(await taking(z.string().optional(), undefined)).to.equal(true);
  });

  it("may be a schema that is a function, as in arktype", async () => {
    const callable = Object.assign(() => { throw new Error("not to be called"); }, schema((value) => (value === "yes" ? { value } : { issues: [{ message: "no" }] })));
    expect(await taking(callable, "yes")).to.equal(true);
    expect(await taking([callable], "no")).to.equal("payload_invalid");
  });

  it("may be a schema whose validate uses this", async () => {
    class Own {
      readonly "~standard" = { version: 1, vendor: "test", wanted: "yes", validate(value: unknown) { return value === this.wanted ? { value } : { issues: [] }; } };
    }
    expect(await taking(new Own(), "yes")).to.equal(true);
    expect(await taking(new Own(), "no")).to.equal("payload_invalid");
  });

  it("is validated for anyone too, but not for a guest who is denied anyway", async () => {
    let looks = 0;
    const payload = schema((value) => { looks += 1; return { value }; });
    expect(await codeFor({ allow: signedIn, payload }, { args: [1], session: guestSession() })).to.equal("token_missing");
    expect(looks).to.equal(0);
    expect(await codeFor({ allow: anyone, payload }, { args: [1], session: guestSession() })).to.equal(true);
    expect(await codeFor({ allow: anyone, payload }, { args: [], session: guestSession() })).to.equal("payload_invalid");
  });

  it("is validated before the check, which is not called if it is not valid", async () => {
    let asked = 0;
    expect(await codeFor({ allow: () => { asked += 1; return true; }, payload: word }, { args: [1] })).to.equal("payload_invalid");
    expect(asked).to.equal(0);
  });

  it("gives the check and the handler the values that the schemas return", () => {
    let seen: unknown;
    const payload = [z.string().trim().toLowerCase(), z.object({ count: z.coerce.number(), kept: z.boolean().default(true) })];
    const { verdict, data } = ask({ allow: ({ args }: { args: unknown }) => { seen = args; return true; }, payload }, { args: ["  HELLO ", { count: "7", extra: "gone" }] });
    expect(verdict).to.equal(true);
    expect(data).to.deep.equal(["ask", "hello", { count: 7, kept: true }]);
    expect(seen).to.deep.equal(["hello", { count: 7, kept: true }]);
  });

  it("that is left out leaves the arguments as they are", () => {
    const given = { count: "7", extra: "kept" };
    const { data } = ask(signedIn, { args: ["  HELLO ", given] });
    expect(data).to.deep.equal(["ask", "  HELLO ", given]);
    expect(data[2]).to.equal(given);
  });

  it("treats a property called __proto__ like any other", async () => {
    const attack = JSON.parse('{"__proto__":{"admin":true},"text":"hello"}') as object;
    expect(await taking(z.strictObject({ text: z.string() }), attack)).to.equal("payload_invalid");
    const { data } = ask({ allow: signedIn, payload: z.object({ text: z.string() }) }, { args: [attack] });
    expect(data[1]).to.deep.equal({ text: "hello" });
    expect(({} as { admin?: unknown }).admin).to.equal(undefined);
  });

  it("of synchronous schemas costs no promise", () => {
    for (const args of [["hello"], [1], []]) expect(ask({ allow: signedIn, payload: word }, { args }).verdict).not.to.be.instanceOf(Promise);
  });
});

describe("A schema", () => {
  it("that throws denies as check_failed", async () => {
    const { verdict, failures } = ask({ allow: signedIn, payload: schema(() => { throw new Error("regular expression too slow"); }) }, { args: [1] });
    expect(verdict).to.deep.equal(denial("check_failed", { event: "ask" }));
    expect(failures.map(({ error }) => (error as Error).message)).to.deep.equal(["regular expression too slow"]);
  });

  it("that returns neither a value nor issues denies as check_failed", async () => {
    for (const answer of [undefined, null, { issues: null }]) expect(await taking(schema(() => answer), 1), JSON.stringify(answer)).to.equal("check_failed");
    for (const answer of [undefined, null, { issues: null }]) expect(await taking(schema(async () => answer), 1), JSON.stringify(answer)).to.equal("check_failed");
  });

  it("that returns issues denies as payload_invalid, even if the list is empty or there is a value too", async () => {
    for (const issues of [[], [{ message: "no" }], [{}], [{ path: undefined }]]) expect(await taking(schema(() => ({ value: 1, issues })), 1)).to.equal("payload_invalid");
  });

  it("may return undefined as the value", () => {
    const { verdict, data } = ask({ allow: signedIn, payload: schema(() => ({ value: undefined })) }, { args: [1] });
    expect(verdict).to.equal(true);
    expect(data).to.deep.equal(["ask", undefined]);
  });
});

describe("The denial of arguments that are not valid", () => {
  const refused = (payload: unknown, ...args: unknown[]) => ask({ allow: signedIn, payload }, { args }).verdict as PayloadRefusal;
  const told = (payload: unknown, ...args: unknown[]) => refused(payload, ...args).denial;

  it("says which argument is not valid, and where", () => {
    const payload = [z.string(), z.object({ lines: z.array(z.object({ price: z.number() })) })];
    expect(told(payload, 1, {})).to.deep.equal(denial("payload_invalid", { event: "ask", message: 'Argument 1 of "ask" is not valid.' }));
    expect(told(payload, "a", { lines: [{ price: 1 }, { price: "2" }] })).to.have.property("message", 'Argument 2 of "ask" is not valid at lines.1.price.');
  });

  it("says how many arguments the event takes", () => {
    expect(told([word, word], "a")).to.deep.equal(denial("payload_invalid", { event: "ask", message: '"ask" takes 2 argument(s), but was sent with 1.' }));
  });

  it("shows every kind of path that the standard allows", () => {
    const path = ["list", 0, { key: "name" }, Symbol("inner"), { key: 7 }];
    expect(told(schema(() => ({ issues: [{ message: "no", path }] })), 1)).to.have.property("message", 'Argument 1 of "ask" is not valid at list.0.name.Symbol(inner).7.');
  });

  it("cuts a long path to 64 characters", () => {
    const path = Array.from({ length: 1_000 }, () => "deep");
    expect(told(schema(() => ({ issues: [{ message: "no", path }] })), 1).message).to.have.length('Argument 1 of "ask" is not valid at .'.length + 64);
  });

  it("holds neither the value nor the message of the schema", () => {
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

  it("comes with the issues of the schema and a reason for the host", () => {
    const { issues, reason } = refused([z.string(), z.object({ price: z.number() })], "a", { price: "2" });
    expect(issues.map(({ path, message }) => [path, message])).to.deep.equal([[["price"], "Invalid input: expected number, received string"]]);
    // Without the path, which may hold a key that the client chose.
    expect(reason).to.equal('Argument 2 of "ask" is not valid.');
    expect(refused([word], "a", "b").issues).to.deep.equal([]);
  });
});
