import { expect } from "chai";
import { anyone, deny, every, role, scope, signedIn, some } from "../../../lib/policy/checks.js";
import { mistake, policyOf } from "./support.js";

const start = (rule: unknown) => mistake(() => policyOf({ message: rule }));

describe("guard() refuses a rule", () => {
  it("that is neither a check, anyone nor an object", () => {
    for (const rule of [undefined, null, true, false, "anyone", 1, Symbol("rule"), 1n]) {
      expect(start(rule), String(rule)).to.equal('rule_invalid: The rule of "message" must be a check, anyone, or { allow, payload, limit, onDenied }.');
    }
  });

  it("that is a schema which is a function", () => {
    expect(start(Object.assign(() => true, { "~standard": {} }))).to.equal('rule_invalid: The rule of "message" is a schema: write { allow, payload }, where `allow` says who may send the event.');
  });

  it("whose allow is neither a check nor anyone", () => {
    for (const rule of [{}, { allow: undefined }, { allow: null }, { allow: true }, { allow: "anyone" }, { allow: [signedIn] }, { allow: { allow: signedIn } }, []]) {
      expect(start(rule), JSON.stringify(rule)).to.equal('rule_invalid: The rule of "message" must have an `allow` that is a check or anyone.');
    }
  });

  it("with an unknown option, and suggests the nearest one", () => {
    for (const [wrong, right] of [["alow", "allow"], ["Allow", "allow"], ["paylod", "payload"], ["ondenied", "onDenied"], ["on_denied", "onDenied"]] as const) {
      expect(start({ allow: signedIn, [wrong]: anyone })).to.equal(`option_unknown: The rule of "message" has no option \`${wrong}\`. Did you mean \`${right}\`?`);
    }
    expect(start({ allow: signedIn, rate: "20/10s" })).to.match(/^option_unknown/);
  });

  it("whose payload is undefined, because it would validate nothing", () => {
    expect(start({ allow: signedIn, payload: undefined })).to.equal('option_undefined: The rule of "message" was given `payload: undefined`. Give `payload` a value, or leave it out.');
  });

  it("whose limit is no rate, or undefined, because it would limit nothing", () => {
    expect(start({ allow: signedIn, limit: "20" })).to.match(/^option_invalid: `events.message.limit` must be a rate such as "20\/10s"/);
    expect(start({ allow: signedIn, limit: undefined })).to.match(/^option_undefined/);
  });

  it("with an onDenied that does not exist", () => {
    for (const onDenied of ["Reject", "kick", "", null, true, () => "reject"]) {
      expect(start({ allow: signedIn, onDenied })).to.equal('option_invalid: `events.message.onDenied` must be "reject" or "disconnect".');
    }
  });

  it("whose payload is not a Standard Schema", () => {
    const noSchemas = [null, "string", 1, {}, () => true, { "~standard": {} }, { "~standard": { validate: true } }, { "~standard": null }, [{}], [[]], [undefined], new Map()];
    for (const payload of noSchemas) expect(start({ allow: signedIn, payload })).to.match(/^rule_invalid: The `payload` of "message" must be a Standard Schema/);
  });

  it("for undeclared events by the same tests", () => {
    expect(mistake(() => policyOf({}, { undeclared: "anyone" }))).to.match(/^rule_invalid: The rule of "undeclared"/);
    expect(mistake(() => policyOf({}, { undeclared: { allow: signedIn, onDenied: "kick" } }))).to.match(/^option_invalid: `undeclared.onDenied`/);
  });
});

describe("role() and scope() refuse", () => {
  it("to be called without a name", () => {
    for (const make of [role, scope] as unknown as ((...names: unknown[]) => unknown)[]) {
      for (const names of [[], [""], ["admin", ""], [undefined], [["admin"]], [1]]) {
        expect(mistake(() => make(...names)), JSON.stringify(names)).to.match(/^rule_invalid: (role|scope)\(\.\.\.\) takes one or more names: write (role|scope)\("name"\)\.$/);
      }
    }
  });
});

describe("every() and some() refuse", () => {
  it("to be called with anything but checks", () => {
    for (const combine of [every, some] as unknown as ((...checks: unknown[]) => unknown)[]) {
      for (const checks of [[], [anyone], [signedIn, anyone], [true], [undefined], [[signedIn]], [{ allow: signedIn }], [deny("no")]]) {
        expect(mistake(() => combine(...checks)), JSON.stringify(checks)).to.match(/^rule_invalid: (every|some)\(\.\.\.\) takes one or more checks, which are functions; anyone is not a check\.$/);
      }
    }
  });
});
