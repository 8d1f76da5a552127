import { expect } from "chai";
import { anyone, role, signedIn } from "../../../lib/policy/checks.js";
import { codeOf, guestSession, policyOf, sessionOf } from "./support.js";

const reserved = ["connect", "connect_error", "connection", "disconnect", "disconnecting", "error", "newListener", "removeListener", "guard:session", "guard:denied", "guard:", "guard:anything"];

/** What alice, and what a guest, is told of an event. */
function told(policy: ReturnType<typeof policyOf>["policy"], event: string) {
  return [sessionOf(), guestSession()].map((session) => codeOf(policy.ruleOf(event).decide(session, [event]) as true));
}

describe("a policy", () => {
  it("takes a check, anyone, and an object with either", () => {
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

  it("denies an event that it does not declare, and says so to guests too", () => {
    const { policy } = policyOf({ hello: anyone });
    for (const event of ["goodbye", "", "Hello", "hello ", "HELLO"]) expect(told(policy, event), event).to.deep.equal(["event_unlisted", "event_unlisted"]);
  });

  it("denies the names of an object's own inside", () => {
    const { policy } = policyOf({ hello: anyone });
    for (const event of ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "prototype", "__defineGetter__"]) {
      expect(told(policy, event), event).to.deep.equal(["event_unlisted", "event_unlisted"]);
    }
  });

  it("takes such a name when it is declared", () => {
    const { policy } = policyOf(Object.fromEntries<unknown>([["__proto__", anyone], ["constructor", signedIn]]));
    expect(told(policy, "__proto__")).to.deep.equal([true, true]);
    expect(told(policy, "constructor")).to.deep.equal([true, "token_missing"]);
    expect(told(policy, "toString")).to.deep.equal(["event_unlisted", "event_unlisted"]);
  });

  it("takes no rule from the prototype of the map", () => {
    const { policy } = policyOf(Object.create({ inherited: anyone }) as Record<string, unknown>);
    expect(told(policy, "inherited")).to.deep.equal(["event_unlisted", "event_unlisted"]);
  });

  it("names the event in the denial, and cuts it to 128 characters", () => {
    const { policy } = policyOf({});
    const long = "e".repeat(1_000);
    expect(policy.ruleOf(long).decide(sessionOf(), [long])).to.deep.include({ code: "event_unlisted", event: "e".repeat(128) });
  });

  it("does not read the map again: what is added to it later is not declared", () => {
    const events: Record<string, unknown> = {};
    const { policy } = policyOf(events);
    events["late"] = anyone;
    expect(told(policy, "late")).to.deep.equal(["event_unlisted", "event_unlisted"]);
  });

  it("finds each of 10,000 events", () => {
    const { policy } = policyOf(Object.fromEntries(Array.from({ length: 10_000 }, (_, number) => [`event-${number}`, number % 2 === 0 ? anyone : role("admin")])));
    expect(told(policy, "event-9998")).to.deep.equal([true, true]);
    expect(told(policy, "event-9999")).to.deep.equal(["forbidden", "token_missing"]);
  });
});

describe("undeclared", () => {
  it("is the rule of every event that the map does not name", () => {
    const { policy } = policyOf({ hello: anyone }, { undeclared: signedIn });
    for (const event of ["goodbye", "__proto__", "toString"]) expect(told(policy, event), event).to.deep.equal([true, "token_missing"]);
    expect(told(policy, "hello")).to.deep.equal([true, true]);
  });

  it("allows no reserved name, even when it is anyone", () => {
    const { policy } = policyOf({}, { undeclared: anyone });
    expect(told(policy, "whatever")).to.deep.equal([true, true]);
    for (const event of reserved) expect(told(policy, event), event).to.deep.equal(["event_unlisted", "event_unlisted"]);
  });

  it("with a payload names the event that came", () => {
    const { policy } = policyOf({}, { undeclared: { allow: anyone, payload: [] } });
    const denied = policy.ruleOf("surprise").decide(sessionOf(), ["surprise", 1]);
    expect(denied).to.deep.include({ code: "payload_invalid", event: "surprise" });
    expect(denied).to.have.property("message", '"surprise" takes 0 argument(s), and was given 1.');
  });

  it("without it, a handler of an undeclared event can never run; with it, it can", () => {
    expect(["goodbye", "error", "hello"].map((event) => policyOf({ hello: anyone }).policy.neverAllows(event))).to.deep.equal([true, true, false]);
    expect(policyOf({}, { undeclared: signedIn }).policy.neverAllows("goodbye")).to.equal(false);
  });
});

describe("onDenied", () => {
  it("of a rule goes before the guard's, which goes for every other rule", () => {
    const events = { plain: signedIn, stays: { allow: signedIn, onDenied: "reject" }, leaves: { allow: signedIn, onDenied: "disconnect" } };
    const effects = (onDenied: "reject" | "disconnect") => {
      const { policy } = policyOf(events, { onDenied });
      return ["plain", "stays", "leaves", "undeclared"].map((event) => policy.ruleOf(event).onDenied);
    };
    expect(effects("reject")).to.deep.equal(["reject", "reject", "disconnect", "reject"]);
    expect(effects("disconnect")).to.deep.equal(["disconnect", "reject", "disconnect", "disconnect"]);
  });
});

describe("reserved names", () => {
  it("are refused in the map, by name", () => {
    for (const event of reserved) expect(() => policyOf({ [event]: anyone }), event).to.throw(`"${event}" is a reserved name`).with.property("code", "event_reserved");
  });

  it("are just these: names that only look like them are free", () => {
    const events = Object.fromEntries(["guard", "guards:x", "Guard:session", "Error", "errors", "message", "connected"].map((event) => [event, anyone]));
    for (const event of Object.keys(events)) expect(told(policyOf(events).policy, event), event).to.deep.equal([true, true]);
  });
});
