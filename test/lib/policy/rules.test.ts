import { expect } from "chai";
import { anyone, role, signedIn } from "../../../lib/policy/checks.js";
import type { Refusal } from "../../../lib/refusal.js";
import type { Verdict } from "../../../lib/policy/decide.js";
import { codeOf, denialOf, guestSession, policyOf, sessionOf } from "./support.js";

const reserved = ["connect", "connect_error", "connection", "disconnect", "disconnecting", "error", "newListener", "removeListener", "guard:session", "guard:denied", "guard:", "guard:anything"];

/** The verdicts for alice and for a guest. */
function told(policy: ReturnType<typeof policyOf>["policy"], event: string) {
  return [sessionOf(), guestSession()].map((session) => codeOf(policy.ruleOf(event).decide(session, [event]) as true));
}

describe("A policy", () => {
  it("takes rules that are a check, anyone, or an object with one of them", () => {
    const { policy } = policyOf({
      check: signedIn,
      own: () => true,
      anyone,
      object: { allow: signedIn },
      anyoneInObject: { allow: anyone },
      ownInObject: { allow: () => true, onDenied: "reject" },
    });
    for (const event of ["check", "own", "object", "ownInObject"]) expect(told(policy, event), event).to.deep.equal([true, "token_missing"]);
    for (const event of ["anyone", "anyoneInObject"]) expect(told(policy, event), event).to.deep.equal([true, true]);
  });

  it("denies an event that is not declared as event_unlisted, for guests too", () => {
    const { policy } = policyOf({ hello: anyone });
    for (const event of ["goodbye", "", "Hello", "hello ", "HELLO"]) expect(told(policy, event), event).to.deep.equal(["event_unlisted", "event_unlisted"]);
  });

  it("denies events with the names of an object's built-in properties", () => {
    const { policy } = policyOf({ hello: anyone });
    for (const event of ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "prototype", "__defineGetter__"]) {
      expect(told(policy, event), event).to.deep.equal(["event_unlisted", "event_unlisted"]);
    }
  });

  it("allows such a name if it is declared", () => {
    const { policy } = policyOf(Object.fromEntries<unknown>([["__proto__", anyone], ["constructor", signedIn]]));
    expect(told(policy, "__proto__")).to.deep.equal([true, true]);
    expect(told(policy, "constructor")).to.deep.equal([true, "token_missing"]);
    expect(told(policy, "toString")).to.deep.equal(["event_unlisted", "event_unlisted"]);
  });

  it("ignores rules on the prototype of the map", () => {
    const { policy } = policyOf(Object.create({ inherited: anyone }) as Record<string, unknown>);
    expect(told(policy, "inherited")).to.deep.equal(["event_unlisted", "event_unlisted"]);
  });

  it("puts the name of the event into the denial, cut to 128 characters", () => {
    const { policy } = policyOf({});
    const long = "e".repeat(1_000);
    expect(denialOf(policy.ruleOf(long).decide(sessionOf(), [long]) as Verdict)).to.deep.include({ code: "event_unlisted", event: "e".repeat(128) });
  });

  it("ignores rules that are added to the map later", () => {
    const events: Record<string, unknown> = {};
    const { policy } = policyOf(events);
    events["late"] = anyone;
    expect(told(policy, "late")).to.deep.equal(["event_unlisted", "event_unlisted"]);
  });

  it("finds the rules of 10,000 events", () => {
    const { policy } = policyOf(Object.fromEntries(Array.from({ length: 10_000 }, (_, number) => [`event-${number}`, number % 2 === 0 ? anyone : role("admin")])));
    expect(told(policy, "event-9998")).to.deep.equal([true, true]);
    expect(told(policy, "event-9999")).to.deep.equal(["forbidden", "token_missing"]);
  });
});

describe("The option undeclared", () => {
  it("is the rule of every event that is not declared", () => {
    const { policy } = policyOf({ hello: anyone }, { undeclared: signedIn });
    for (const event of ["goodbye", "__proto__", "toString"]) expect(told(policy, event), event).to.deep.equal([true, "token_missing"]);
    expect(told(policy, "hello")).to.deep.equal([true, true]);
  });

  it("allows no reserved name, even if it is anyone", () => {
    const { policy } = policyOf({}, { undeclared: anyone });
    expect(told(policy, "whatever")).to.deep.equal([true, true]);
    for (const event of reserved) expect(told(policy, event), event).to.deep.equal(["event_unlisted", "event_unlisted"]);
  });

  it("puts the name of the event into the denial of its payload", () => {
    const { policy } = policyOf({}, { undeclared: { allow: anyone, payload: [] } });
    const { denial: denied } = policy.ruleOf("surprise").decide(sessionOf(), ["surprise", 1]) as Refusal;
    expect(denied).to.deep.include({ code: "payload_invalid", event: "surprise" });
    expect(denied).to.have.property("message", '"surprise" takes 0 argument(s), but was sent with 1.');
  });

  it("decides whether a handler of an undeclared event can ever run", () => {
    expect(["goodbye", "error", "hello"].map((event) => policyOf({ hello: anyone }).policy.neverAllows(event))).to.deep.equal([true, true, false]);
    expect(policyOf({}, { undeclared: signedIn }).policy.neverAllows("goodbye")).to.equal(false);
  });
});

describe("The option onDenied", () => {
  it("of a rule overrides that of the guard", () => {
    const events = { plain: signedIn, stays: { allow: signedIn, onDenied: "reject" }, leaves: { allow: signedIn, onDenied: "disconnect" } };
    const effects = (onDenied: "reject" | "disconnect") => {
      const { policy } = policyOf(events, { onDenied });
      return ["plain", "stays", "leaves", "undeclared"].map((event) => policy.ruleOf(event).onDenied);
    };
    expect(effects("reject")).to.deep.equal(["reject", "reject", "disconnect", "reject"]);
    expect(effects("disconnect")).to.deep.equal(["disconnect", "reject", "disconnect", "disconnect"]);
  });
});

describe("Reserved names", () => {
  it("cannot be declared", () => {
    for (const event of reserved) expect(() => policyOf({ [event]: anyone }), event).to.throw(`Clients may not send "${event}"`).with.property("code", "event_reserved");
  });

  it("do not include names that only look like them", () => {
    const events = Object.fromEntries(["guard", "guards:x", "Guard:session", "Error", "errors", "message", "connected"].map((event) => [event, anyone]));
    for (const event of Object.keys(events)) expect(told(policyOf(events).policy, event), event).to.deep.equal([true, true]);
  });
});
