import { expect } from "chai";
import { deny, every, role, scope, signedIn, some } from "../../../lib/policy/checks.js";
import type { EventCheck } from "../../../lib/policy/rules.js";
import { ask, codeFor, denialOf, policyOf, sessionOf, type AnyAnswer } from "./support.js";

type Host = EventCheck<unknown>;
interface Member { readonly sub: string; readonly role: "member" | "admin" }

const yes: Host = () => true;
const no: Host = () => false;
const later = (check: Host): Host => async (context) => check(context);
const thrower: Host = () => { throw new Error("broken"); };

/** A check that counts its calls. */
function counted(answer: unknown): { check: Host; calls: () => number } {
  let count = 0;
  const check: AnyAnswer = () => { count += 1; return answer; };
  return { check: check as Host, calls: () => count };
}

describe("every(...)", () => {
  it("allows if all of its checks allow", async () => {
    for (const checks of [[yes], [yes, yes], [yes, later(yes)], [later(yes), yes], [later(yes), later(yes), yes]] as const) expect(await codeFor(every(...checks))).to.equal(true);
  });

  it("denies if one of its checks denies", async () => {
    for (const checks of [[no], [no, yes], [yes, no], [later(no), yes], [yes, later(no)], [later(yes), no], [later(yes), later(no), yes]] as const) expect(await codeFor(every(...checks))).to.equal("forbidden");
  });

  it("calls its checks in order, up to the first that does not allow", async () => {
    for (const refusal of [false, deny("no"), 1, undefined, Promise.resolve(false)]) {
      const next = counted(true);
      await ask(every(yes, counted(refusal).check, next.check)).verdict;
      expect(next.calls()).to.equal(0);
    }
  });

  it("denies with the message of the check that denied", async () => {
    const { verdict } = ask(every(yes, later(() => deny("only on Mondays", { retryAfter: 5 })), () => deny("never")));
    expect(await verdict).to.deep.include({ code: "forbidden", message: "only on Mondays", retryAfter: 5, event: "ask" });
  });
});

describe("some(...)", () => {
  it("allows if one of its checks allows, even if those before it deny", async () => {
    for (const checks of [[yes], [no, yes], [no, () => deny("no"), yes], [later(no), yes], [no, later(yes)], [later(() => deny("no")), later(yes)]] as const) expect(await codeFor(some(...checks))).to.equal(true);
  });

  it("calls no check after the first that allows", async () => {
    for (const first of [yes, later(yes)]) {
      const next = counted(true);
      expect(await codeFor(some(first, next.check))).to.equal(true);
      expect(next.calls()).to.equal(0);
    }
  });

  it("denies with the message of its last check if all deny", async () => {
    expect(await ask(some(() => deny("first"), () => deny("last"))).verdict).to.deep.include({ code: "forbidden", message: "last" });
    expect(denialOf(await ask(some(() => deny("first"), no)).verdict)).to.deep.include({ code: "forbidden", message: "You are not allowed to do this." });
  });

  it("fails if one of its checks fails, even if the next would allow", async () => {
    const failing: AnyAnswer[] = [thrower, later(thrower), () => 1, () => "true", () => undefined, () => null, () => ({}), async () => 1, () => ({ then: (_: unknown, reject: (error: Error) => void) => reject(new Error("broken")) })];
    for (const check of failing) {
      const { verdict, failures } = ask(some(no, check as Host, yes));
      expect(await verdict, String(check)).to.deep.include({ code: "check_failed" });
      expect(failures).to.have.length(1);
    }
  });
});

describe("Combined checks", () => {
  it("can be nested", async () => {
    const rule = some(every(yes, no), every(later(yes), some(no, yes)));
    expect(await codeFor(rule)).to.equal(true);
    expect(await codeFor(every(rule, no))).to.equal("forbidden");
    expect(await codeFor(some(every(yes, thrower), yes))).to.equal("check_failed");
  });

  it("can be made of role and scope, and read the user", async () => {
    const rule = some(role<Member>("admin"), every(role<Member>("member"), scope<Member>("write")), every(signedIn, scope<Member>("all")));
    const told = (claims: object) => codeFor(rule, { session: sessionOf(claims) });
    expect([await told({ role: "admin" }), await told({ role: "member" }), await told({ role: "member", scope: "write" }), await told({ scope: "all" }), await told({})])
      .to.deep.equal([true, "forbidden", true, true, "forbidden"]);
  });

  it("give each check the whole context", () => {
    const seen: unknown[] = [];
    const { verdict } = ask(every(role<Member>("admin"), ({ user, args, event, session }) => { seen.push(user, args, event, session.id); return true; }), { args: [1, 2], session: sessionOf({ role: "admin" }) });
    expect(verdict).to.equal(true);
    expect(seen).to.deep.equal([{ sub: "alice", role: "admin" }, [1, 2], "ask", "socket-1"]);
  });

  it("do not change when the list of checks changes", async () => {
    const checks = [no];
    const rule = some(...checks);
    checks[0] = yes;
    expect(await codeFor(rule)).to.equal("forbidden");
  });

  it("decide on many events at the same time", async () => {
    const rule = every(later(yes), ({ args }) => args[0] === "mine", later(({ args }) => args[0] === "mine"));
    const told = await Promise.all(Array.from({ length: 100 }, (_, number) => codeFor(rule, { args: [number % 2 === 0 ? "mine" : "yours"] })));
    expect(told.every((code, number) => code === (number % 2 === 0 ? true : "forbidden"))).to.equal(true);
  });

  it("can be a thousand, without a deep stack", async () => {
    expect(await codeFor(every(...Array.from({ length: 1_000 }, () => later(yes))))).to.equal(true);
    expect(await codeFor(some(...Array.from({ length: 1_000 }, () => no), yes))).to.equal(true);
  });
});

describe("deny(...)", () => {
  it("returns a denial with a message and retryAfter", () => {
    expect(deny("only your own name")).to.deep.equal({ guard: true, code: "forbidden", status: 403, message: "only your own name" });
    expect(deny("slow down", { retryAfter: 1_000 })).to.deep.equal({ guard: true, code: "forbidden", status: 403, message: "slow down", retryAfter: 1_000 });
  });

  it("gets the name of the event, cut to 128 characters, unless it has one", () => {
    const long = "e".repeat(200);
    const { policy } = policyOf({ [long]: () => deny("no") });
    expect(policy.ruleOf(long).decide(sessionOf(), [long])).to.have.property("event", "e".repeat(128));
    expect(ask(() => ({ ...deny("no"), event: "another" })).verdict).to.have.property("event", "another");
  });
});
