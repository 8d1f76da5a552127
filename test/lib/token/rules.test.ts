/** The options of `jwt()`: every mistake stops the start with a sentence that says what to do. */
import { expect } from "chai";
import { z } from "zod";
import { GuardError } from "../../../lib/guard-error.js";
import { tokenRules } from "../../../lib/token/rules.js";
import { keyRing } from "../../../lib/token/keys.js";
import { rsaPair, secret } from "./support.js";

function mistake(options: object): GuardError {
  try {
    tokenRules({ keys: secret, ...options });
  } catch (error) {
    expect(error).to.be.instanceOf(GuardError);
    expect((error as GuardError).message).to.match(/^[^\n]+\.$/);
    return error as GuardError;
  }
  throw new Error("these options were accepted");
}

describe("the options of a token", () => {
  it("have the defaults that the design names", () => {
    const rules = tokenRules({ keys: secret });
    expect(rules).to.include({ subject: "sub", startTolerance: 5, endTolerance: 0, maxAge: undefined, maxLifetime: 7_776_000_000 });
  });

  it("take a secret, a list, or a ring", () => {
    for (const keys of [secret, secret.toString("hex"), [{ secret }], keyRing([{ secret }])]) {
      expect(tokenRules({ keys }).ring.keys[0]?.algorithm).to.equal("HS256");
    }
  });

  for (const missing of [undefined, null, ""]) {
    it(`say what to set when the keys are ${JSON.stringify(missing)}, as of a missing environment variable`, () => {
      const error = mistake({ keys: missing });
      expect(error.code).to.equal("keys_missing");
      expect(error.message).to.include("LOCAL_JWT_SECRET");
    });
  }

  const pem = rsaPair().publicKey.export({ type: "spki", format: "pem" });
  const wrong: [string, object, string, RegExp][] = [
    ["a short secret", { keys: "secret" }, "secret_too_short", /6 bytes.*at least 32.*LOCAL_JWT_SECRET/],
    ["a public key as secret", { keys: pem }, "secret_is_public_key", /publicKey/],
    ["an empty list of keys", { keys: [] }, "keys_empty", /at least one/],
    ["keys that are a number", { keys: 1 }, "keys_invalid", /keyRing/],
    ["something like a ring", { keys: { rotate() {}, generation: 0 } }, "keys_invalid", /keyRing/],
    ["one key outside a list", { keys: { secret } }, "keys_invalid", /a list such as/],
    ["a key of the list whose secret is missing", { keys: [{ secret: undefined }] }, "secret_missing", /LOCAL_JWT_SECRET/],
    ["an empty list of algorithms", { algorithms: [] }, "algorithms_invalid", /HS256/],
    ["algorithms that are text", { algorithms: "HS256" }, "algorithms_invalid", /list/],
    ["an unknown algorithm", { algorithms: ["HS256", "none"] }, "algorithms_invalid", /HS256/],
    ["an algorithm that fits no key", { algorithms: ["HS256", "RS256"] }, "algorithms_unfit", /No key is bound to HS256|RS256/],
    ["RS256 for a secret alone", { algorithms: ["RS256"] }, "algorithm_unfit", /a secret takes HS256/],
    ["an empty issuer", { issuer: "" }, "issuer_invalid", /string/],
    ["an empty list of issuers", { issuer: [] }, "issuer_invalid", /list/],
    ["an issuer that is a pattern", { issuer: /us/ }, "issuer_invalid", /string/],
    ["an empty audience", { audience: [""] }, "audience_invalid", /string/],
    ["an audience that is a pattern", { audience: [/chat/] }, "audience_invalid", /string/],
    ["claims that are no schema", { claims: { role: "string" } }, "claims_invalid", /Standard Schema/],
    ["claims that answer a promise", { claims: z.object({}).refine(async () => true) }, "claims_async", /findUser/],
    ["a subject that is no name", { subject: (payload: unknown) => payload }, "subject_invalid", /userId/],
    ["an empty subject", { subject: "" }, "subject_invalid", /userId/],
    ["more than 60 s of tolerance", { clockTolerance: "61s" }, "clock_tolerance_invalid", /60s/],
    ["endless tolerance", { clockTolerance: Infinity }, "option_invalid", /clockTolerance/],
    ["a maxAge that is no duration", { maxAge: "long" }, "option_invalid", /maxAge/],
    ["a maxAge of 0", { maxAge: 0 }, "option_invalid", /maxAge/],
    ["a maxLifetime of 0", { maxLifetime: 0 }, "option_invalid", /maxLifetime/],
  ];
  for (const [title, options, code, sentence] of wrong) {
    it(`refuse ${title}: ${code}`, () => {
      const error = mistake(options);
      expect(error.code).to.equal(code);
      expect(error.message).to.match(sentence);
      expect(error.message).not.to.include(secret.toString("base64")).and.not.to.include("MII");
    });
  }

  for (const name of ["algorithms", "issuer", "audience", "claims", "subject", "maxAge"]) {
    it(`refuse ${name}: undefined, which would switch a rule off in silence`, () => {
      expect(mistake({ [name]: undefined }).code).to.equal("option_undefined");
    });
  }
});
