import { expect } from "chai";
import { deny, every, role, scope, signedIn, some } from "../../../lib/policy/checks.js";
import type { Check } from "../../../lib/policy/rules.js";
import { ask, codeFor, policyOf, sessionOf, type AnyAnswer } from "./support.js";

type Host = Check<unknown>;
interface Member { readonly sub: string; readonly role: "member" | "admin" }

const yes: Host = () => true;
const no: Host = () => false;
const later = (check: Host): Host => async (context) => check(context);
const thrower: Host = () => { throw new Error("broken"); };

/** A check that says whether it was asked. */
function watched(answer: unknown): { check: Host; asked: () => number } {
  let count = 0;
  const check: AnyAnswer = () => { count += 1; return answer; };
  return { check: check as Host, asked: () => count };
}

describe("every(...)", () => {
  it("allows what all of its checks allow", async () => {
    for (const checks of [[yes], [yes, yes], [yes, later(yes)], [later(yes), yes], [later(yes), later(yes), yes]] as const) expect(await codeFor(every(...checks))).to.equal(true);
  });

  it("forbids what one forbids", async () => {
    for (const checks of [[no], [no, yes], [yes, no], [later(no), yes], [yes, later(no)], [later(yes), no], [later(yes), later(no), yes]] as const) expect(await codeFor(every(...checks))).to.equal("forbidden");
  });

  it("asks in order, and nobody after the first refusal", async () => {
    for (const refusal of [false, deny("no"), 1, undefined, Promise.resolve(false)]) {
      const next = watched(true);
      await ask(every(yes, watched(refusal).check, next.check)).verdict;
      expect(next.asked()).to.equal(0);
    }
  });

  it("tells the sentence of the check that refused", async () => {
    const { verdict } = ask(every(yes, later(() => deny("only on Mondays", { retryAfter: 5 })), () => deny("never")));
    expect(await verdict).to.deep.include({ code: "forbidden", message: "only on Mondays", retryAfter: 5, event: "ask" });
  });
});

describe("some(...)", () => {
  it("allows what one of its checks allows, whatever those before it forbid", async () => {
    for (const checks of [[yes], [no, yes], [no, () => deny("no"), yes], [later(no), yes], [no, later(yes)], [later(() => deny("no")), later(yes)]] as const) expect(await codeFor(some(...checks))).to.equal(true);
  });

  it("asks nobody after the first that allows", async () => {
    for (const first of [yes, later(yes)]) {
      const next = watched(true);
      expect(await codeFor(some(first, next.check))).to.equal(true);
      expect(next.asked()).to.equal(0);
    }
  });

  it("forbids what all forbid, and tells what the last one said", async () => {
    expect(await ask(some(() => deny("first"), () => deny("last"))).verdict).to.deep.include({ code: "forbidden", message: "last" });
    expect(await ask(some(() => deny("first"), no)).verdict).to.deep.include({ code: "forbidden", message: "You are not allowed to do this." });
  });

  it("fails as a whole when a check fails, though the next would allow", async () => {
    const failing: AnyAnswer[] = [thrower, later(thrower), () => 1, () => "true", () => undefined, () => null, () => ({}), async () => 1, () => ({ then: (_: unknown, reject: (error: Error) => void) => reject(new Error("broken")) })];
    for (const check of failing) {
      const { verdict, failures } = ask(some(no, check as Host, yes));
      expect(await verdict, String(check)).to.deep.include({ code: "check_failed" });
      expect(failures).to.have.length(1);
    }
  });
});

describe("combined checks", () => {
  it("nest", async () => {
    const rule = some(every(yes, no), every(later(yes), some(no, yes)));
    expect(await codeFor(rule)).to.equal(true);
    expect(await codeFor(every(rule, no))).to.equal("forbidden");
    expect(await codeFor(some(every(yes, thrower), yes))).to.equal("check_failed");
  });

  it("of the guard's own checks look at the user", async () => {
    const rule = some(role<Member>("admin"), every(role<Member>("member"), scope<Member>("write")), every(signedIn, scope<Member>("all")));
    const told = (claims: object) => codeFor(rule, { session: sessionOf(claims) });
    expect([await told({ role: "admin" }), await told({ role: "member" }), await told({ role: "member", scope: "write" }), await told({ scope: "all" }), await told({})])
      .to.deep.equal([true, "forbidden", true, true, "forbidden"]);
  });

  it("of own checks and the guard's give each the whole context", () => {
    const seen: unknown[] = [];
    const { verdict } = ask(every(role<Member>("admin"), ({ user, args, event, session }) => { seen.push(user, args, event, session.id); return true; }), { args: [1, 2], session: sessionOf({ role: "admin" }) });
    expect(verdict).to.equal(true);
    expect(seen).to.deep.equal([{ sub: "alice", role: "admin" }, [1, 2], "ask", "socket-1"]);
  });

  it("keep the checks that they were given", async () => {
    const checks = [no];
    const rule = some(...checks);
    checks[0] = yes;
    expect(await codeFor(rule)).to.equal("forbidden");
  });

  it("serve many events at the same time", async () => {
    const rule = every(later(yes), ({ args }) => args[0] === "mine", later(({ args }) => args[0] === "mine"));
    const told = await Promise.all(Array.from({ length: 100 }, (_, number) => codeFor(rule, { args: [number % 2 === 0 ? "mine" : "yours"] })));
    expect(told.every((code, number) => code === (number % 2 === 0 ? true : "forbidden"))).to.equal(true);
  });

  it("of a thousand checks need no deep stack for those that answer later", async () => {
    expect(await codeFor(every(...Array.from({ length: 1_000 }, () => later(yes))))).to.equal(true);
    expect(await codeFor(some(...Array.from({ length: 1_000 }, () => no), yes))).to.equal(true);
  });
});

describe("deny(...)", () => {
  it("is a denial with a sentence, and with when to try again", () => {
    expect(deny("only your own name")).to.deep.equal({ guard: true, code: "forbidden", status: 403, message: "only your own name" });
    expect(deny("slow down", { retryAfter: 1_000 })).to.deep.equal({ guard: true, code: "forbidden", status: 403, message: "slow down", retryAfter: 1_000 });
  });

  it("tells the event, at most 128 characters of it, unless it names one itself", () => {
    const long = "e".repeat(200);
    const { policy } = policyOf({ [long]: () => deny("no") });
    expect(policy.ruleOf(long).decide(sessionOf(), [long])).to.have.property("event", "e".repeat(128));
    expect(ask(() => ({ ...deny("no"), event: "another" })).verdict).to.have.property("event", "another");
  });
});
