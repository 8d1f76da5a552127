/** The options of `jwt()` about tokens: every mistake throws at the start, with a message that says what to do. */
import { expect } from "chai";
import { z } from "zod";
import { GuardError } from "../../../lib/guard-error.js";
import { readTokenOptions } from "../../../lib/token/options.js";
import { keyRing } from "../../../lib/token/create-key-ring.js";
import { rsaPair, secret } from "./support.js";

function mistake(options: object): GuardError {
  try {
    readTokenOptions({ keys: secret, ...options });
  } catch (error) {
    expect(error).to.be.instanceOf(GuardError);
    expect((error as GuardError).message).to.match(/^[^\n]+\.$/);
    return error as GuardError;
  }
  throw new Error("these options were accepted");
}

describe("The options of jwt() about tokens", () => {
  it("have defaults", () => {
    const config = readTokenOptions({ keys: secret });
    expect(config).to.include({ subject: "sub", startTolerance: 5, endTolerance: 0, maxAge: undefined, maxLifetime: 7_776_000_000 });
  });

  it("take a secret, a list of keys or a ring as keys", () => {
    for (const keys of [secret, secret.toString("hex"), [{ secret }], keyRing([{ secret }])]) {
      expect(readTokenOptions({ keys }).ring.keys[0]?.algorithm).to.equal("HS256");
    }
  });

  for (const missing of [undefined, null, ""]) {
    it(`say what to give when keys is ${JSON.stringify(missing)}, as with a missing environment variable`, () => {
      const error = mistake({ keys: missing });
      expect(error.code).to.equal("option_missing");
      expect(error.message).to.include("a secret of at least 32 bytes");
    });
  }

  const pem = rsaPair().publicKey.export({ type: "spki", format: "pem" });
  const wrong: [string, object, string, RegExp][] = [
    ["a short secret", { keys: "secret" }, "secret_too_short", /6 bytes.*at least 32/],
    ["a public key as secret", { keys: pem }, "secret_is_public_key", /publicKey/],
    ["an empty list of keys", { keys: [] }, "keys_empty", /at least one/],
    ["keys that are a number", { keys: 1 }, "option_invalid", /keyRing/],
    ["something like a ring", { keys: { rotate() {}, generation: 0 } }, "option_invalid", /keyRing/],
    ["one key outside a list", { keys: { secret } }, "option_invalid", /a list such as/],
    ["a key of the list whose secret is missing", { keys: [{ secret: undefined }] }, "option_missing", /at least 32 bytes/],
    ["an empty list of algorithms", { algorithms: [] }, "option_invalid", /HS256/],
    ["algorithms that are text", { algorithms: "HS256" }, "option_invalid", /list/],
    ["an unknown algorithm", { algorithms: ["HS256", "none"] }, "option_invalid", /HS256/],
    ["an algorithm that fits no key", { algorithms: ["HS256", "RS256"] }, "algorithm_unfit", /no key is bound to it/],
    ["RS256 for a secret alone", { algorithms: ["RS256"] }, "algorithm_unfit", /A secret takes HS256/],
    ["an empty issuer", { issuer: "" }, "option_invalid", /string/],
    ["an empty list of issuers", { issuer: [] }, "option_invalid", /list/],
    ["an issuer that is a pattern", { issuer: /us/ }, "option_invalid", /string/],
    ["an empty audience", { audience: [""] }, "option_invalid", /string/],
    ["an audience that is a pattern", { audience: [/chat/] }, "option_invalid", /string/],
    ["an empty function as audience", { audience: () => true }, "option_invalid", /list of such strings\.$/],
    ["an issuer that is an object", { issuer: {} }, "option_invalid", /a function \(iss, claims\)/],
    ["a required claim that is an object", { require: { azp: {} } }, "option_invalid", /require: \{ token_use: "access" \}/],
    ["a required claim that is a function", { require: { azp: () => true } }, "option_invalid", /value or a list/],
    ["an empty list of required values", { require: { azp: [] } }, "option_invalid", /list of values/],
    ["nothing that is required", { require: {} }, "option_invalid", /names claims/],
    ["required claims that are a list", { require: ["azp"] }, "option_invalid", /names claims/],
    ["a required claim that is undefined, as with a missing environment variable", { require: { azp: undefined } }, "option_undefined", /`require` was given `azp: undefined`/],
    ["an empty path of roles", { roles: "" }, "option_invalid", /realm_access\.roles/],
    ["a path of roles with two dots in a row", { roles: "realm_access..roles" }, "option_invalid", /realm_access\.roles/],
    ["an empty list of names of scopes", { scopes: [] }, "option_invalid", /`scopes` must be the path/],
    ["a path of roles that is a URL, in which dots do not separate names", { roles: "https://acme.com/roles" }, "option_invalid", /roles: \["https:\/\/acme\.com\/roles"\]/],
    ["roles that are a pattern", { roles: /admin/ }, "option_invalid", /a function \(claims\)/],
    ["a maxTokenLength above 16,384", { maxTokenLength: 16_385 }, "option_invalid", /from 256 to 16384/],
    ["a maxTokenLength that is text", { maxTokenLength: "16kb" }, "option_invalid", /whole number/],
    ["claims that are no schema", { claims: { role: "string" } }, "option_invalid", /Standard Schema/],
    ["claims that answer a promise", { claims: z.object({}).refine(async () => true) }, "claims_async", /findUser/],
    ["a subject that is no name", { subject: (payload: unknown) => payload }, "option_invalid", /userId/],
    ["an empty subject", { subject: "" }, "option_invalid", /userId/],
    ["more than 60 s of tolerance", { clockTolerance: "61s" }, "option_invalid", /60 s/],
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

  for (const name of ["algorithms", "issuer", "audience", "require", "roles", "scopes", "claims", "subject", "maxAge"]) {
    it(`refuse ${name}: undefined, which would silently switch a check off`, () => {
      expect(mistake({ [name]: undefined }).code).to.equal("option_undefined");
    });
  }
});
