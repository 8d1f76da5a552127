import { expect } from "chai";
import { z } from "zod";
import { anyone, role, signedIn } from "../../../lib/policy/checks.js";
import { Refusal } from "../../../lib/refusal.js";
import { denial } from "../../../lib/protocol.js";
import { restoreClock, startClock } from "../../support/clock.js";
import { signal } from "../../support/server.js";
import { registryWithEnds } from "../session/support.js";
import { ask, codeFor, codeOf } from "./support.js";

const schema = (validate: (value: unknown) => unknown) => ({ "~standard": { version: 1, vendor: "test", validate } });
const later = z.string().refine(async (text) => text !== "taken").transform((text) => text.toUpperCase());

/** A schema that answers when the test says so. */
function held() {
  const answer = signal<{ value: unknown }>();
  return { payload: schema(() => answer.promise), settle: () => answer.settle({ value: "read" }) };
}

describe("An asynchronous schema", () => {
  afterEach(restoreClock);

  it("is awaited, and its result reaches the check and the handler", async () => {
    let seen: unknown;
    const { verdict, data } = ask({ allow: ({ args }: { args: unknown }) => { seen = args; return true; }, payload: later }, { args: ["free"] });
    expect(verdict).to.be.instanceOf(Promise);
    expect(await verdict).to.equal(true);
    expect([data, seen]).to.deep.equal([["ask", "FREE"], ["FREE"]]);
    expect(await codeFor({ allow: anyone, payload: later }, { args: ["taken"] })).to.equal("payload_invalid");
  });

  it("may be anywhere in a list of schemas", async () => {
    for (const payload of [[later, z.number()], [z.string(), z.number().refine(async (number) => number > 0)], [later, z.number().refine(async (number) => number > 0)]]) {
      expect(await codeFor({ allow: signedIn, payload }, { args: ["free", 1] })).to.equal(true);
      expect(await codeFor({ allow: signedIn, payload }, { args: ["free", "1"] })).to.equal("payload_invalid");
    }
    expect(await codeFor({ allow: signedIn, payload: [later, z.number()] }, { args: ["taken", 1] })).to.equal("payload_invalid");
  });

  it("may return a thenable that is not a promise", async () => {
    const thenable = (result: unknown) => schema(() => ({ then: (resolve: (result: unknown) => void) => resolve(result) }));
    expect(await codeFor({ allow: signedIn, payload: thenable({ value: 1 }) }, { args: [0] })).to.equal(true);
    expect(await codeFor({ allow: signedIn, payload: thenable({ issues: [] }) }, { args: [0] })).to.equal("payload_invalid");
  });

  it("fails if it rejects", async () => {
    const { verdict, failures } = ask({ allow: signedIn, payload: schema(async () => { throw new Error("database down"); }) }, { args: [1] });
    expect(await verdict).to.deep.equal(denial("check_failed", { event: "ask" }));
    expect(failures.map(({ error }) => (error as Error).message)).to.deep.equal(["database down"]);
  });

  it("may be followed by any kind of check", async () => {
    const checks = [[signedIn, true], [role<{ role: "admin" }>("admin"), "forbidden"], [() => false, "forbidden"], [async () => true, true], [async () => 1, "check_failed"], [() => { throw new Error("no"); }, "check_failed"]] as const;
    for (const [allow, code] of checks) {
      const { verdict, failures } = ask({ allow, payload: later }, { args: ["free"] });
      expect(codeOf(await verdict)).to.equal(code);
      expect(failures).to.have.length(code === "check_failed" ? 1 : 0);
    }
  });
});

describe("A session that ends while a schema is at work", () => {
  it("denies the event without calling the check", async () => {
    const { registry, open } = registryWithEnds();
    const session = open();
    const { payload, settle } = held();
    let asked = 0;
    const { verdict } = ask({ allow: () => { asked += 1; return true; }, payload }, { args: ["x"], session });
    registry.end(session, new Refusal(denial("token_revoked")));
    settle();
    expect(codeOf(await verdict)).to.equal("token_revoked");
    expect(asked).to.equal(0);
  });

  it("denies the event even if its rule is anyone", async () => {
    const { registry, open } = registryWithEnds();
    const session = open({ subject: undefined });
    const { payload, settle } = held();
    const { verdict } = ask({ allow: anyone, payload }, { args: ["x"], session });
    registry.end(session, new Refusal(denial("server_closing")));
    settle();
    expect(codeOf(await verdict)).to.equal("server_closing");
  });

  it("denies the event when its time is over", async () => {
    const clock = startClock();
    const session = registryWithEnds().open({ endsAt: Date.now() + 1_000 });
    const { payload, settle } = held();
    const { verdict } = ask({ allow: signedIn, payload }, { args: ["x"], session });
    clock.advance(1_000);
    settle();
    expect(codeOf(await verdict)).to.equal("token_expired");
  });
});
