import { expect } from "chai";
import { anyone, deny, every, role, scope, signedIn, some } from "../../../lib/policy/checks.js";
import { mistake, policyOf } from "./support.js";

const start = (rule: unknown) => mistake(() => policyOf({ message: rule }));

describe("a rule that stops the start", () => {
  it("is none at all", () => {
    for (const rule of [undefined, null, true, false, "anyone", 1, Symbol("rule"), 1n]) {
      expect(start(rule), String(rule)).to.match(/^rule_invalid: The rule of "message" is .*: give a check, anyone, or \{ allow, payload, onDenied \}\.$/);
    }
  });

  it("allows nobody", () => {
    for (const rule of [{}, { allow: undefined }, { allow: null }, { allow: true }, { allow: "anyone" }, { allow: [signedIn] }, { allow: { allow: signedIn } }, []]) {
      expect(start(rule), JSON.stringify(rule)).to.equal('rule_invalid: The rule of "message" allows nobody: give allow a check or anyone.');
    }
  });

  it("has an unknown option, and is told the nearest name", () => {
    for (const [wrong, right] of [["alow", "allow"], ["Allow", "allow"], ["paylod", "payload"], ["ondenied", "onDenied"], ["on_denied", "onDenied"]] as const) {
      expect(start({ allow: signedIn, [wrong]: anyone })).to.equal(`option_unknown: The rule of "message" has no option "${wrong}". Did you mean "${right}"?`);
    }
  });

  it("has a limit, which nothing would enforce", () => {
    for (const limit of ["20/10s", undefined]) expect(start({ allow: signedIn, limit })).to.match(/^rule_option_unavailable: The rule of "message" has a limit/);
  });

  it("has a payload that is undefined, and would validate nothing", () => {
    expect(start({ allow: signedIn, payload: undefined })).to.match(/^option_undefined: The rule of "message" was given payload: undefined/);
  });

  it("has an onDenied that is no effect", () => {
    for (const onDenied of ["Reject", "kick", "", null, true, () => "reject"]) expect(start({ allow: signedIn, onDenied })).to.match(/^option_invalid: The rule of "message" has an onDenied/);
  });

  it("has a payload that is no Standard Schema", () => {
    const noSchemas = [null, "string", 1, {}, () => true, { "~standard": {} }, { "~standard": { validate: true } }, { "~standard": null }, [{}], [[]], [undefined], new Map()];
    for (const payload of noSchemas) expect(start({ allow: signedIn, payload })).to.match(/^payload_schema_invalid: The payload of "message" is no Standard Schema/);
  });

  it("is that of undeclared events", () => {
    expect(mistake(() => policyOf({}, { undeclared: "anyone" }))).to.match(/^rule_invalid: The rule of "undeclared"/);
    expect(mistake(() => policyOf({}, { undeclared: { allow: signedIn, limit: "1/s" } }))).to.match(/^rule_option_unavailable/);
  });
});

describe("a check that stops the start", () => {
  it("is made of no names, or of what are no names", () => {
    for (const make of [role, scope] as unknown as ((...names: unknown[]) => unknown)[]) {
      for (const names of [[], [""], ["admin", ""], [undefined], [["admin"]], [1]]) expect(mistake(() => make(...names)), JSON.stringify(names)).to.match(/^rule_invalid: (role|scope)\(\.\.\.\) takes the names/);
    }
  });

  it("combines nothing, or what is no check: anyone is none", () => {
    for (const combine of [every, some] as unknown as ((...checks: unknown[]) => unknown)[]) {
      for (const checks of [[], [anyone], [signedIn, anyone], [true], [undefined], [[signedIn]], [{ allow: signedIn }], [deny("no")]]) {
        expect(mistake(() => combine(...checks)), JSON.stringify(checks)).to.match(/^rule_invalid: (every|some)\(\.\.\.\) takes checks, which are functions: anyone cannot be combined\.$/);
      }
    }
  });
});
