/** Issuing: what is signed, and that no token is issued which the same options would refuse. */
import { expect } from "chai";
import jsonwebtoken from "jsonwebtoken";
import { z } from "zod";
import { GuardError } from "../../../lib/guard-error.js";
import { type IssueOptions, issueToken } from "../../../lib/token/issue.js";
import { type TokenOptions, readTokenOptions } from "../../../lib/token/options.js";
import { asOf } from "../../support/clock.js";
import { ecPair, now, second, secret, verdict } from "./support.js";

const at = now + 123;
const issue = (claims: unknown = { sub: "alice" }, options: unknown = { expiresIn: "1h" }, more: Partial<TokenOptions> = {}, when = at) =>
  asOf(when, () => issueToken(claims as object, options as IssueOptions, readTokenOptions({ keys: secret, ...more })));
const read = (token: string) => jsonwebtoken.decode(token, { complete: true }) as unknown as { header: Record<string, unknown>; payload: Record<string, unknown> };

function mistake(make: () => unknown): GuardError {
  try {
    make();
  } catch (error) {
    expect(error).to.be.instanceOf(GuardError);
    expect((error as GuardError).message).to.match(/^[^\n]+[.?]$/);
    return error as GuardError;
  }
  throw new Error("this was issued");
}

describe("Issuing a token", () => {
  it("adds a fractional iat, exp and a random jti", () => {
    const [one, two] = [read(issue()), read(issue())];
    expect(one.payload).to.include({ sub: "alice", iat: second + 0.123, exp: second + 3600.123 });
    expect(one.payload["jti"]).to.be.a("string").and.not.to.equal(two.payload["jti"]);
    expect(one.header).to.deep.equal({ alg: "HS256", typ: "JWT" });
  });

  it("gives tokens that are issued a millisecond apart different times", () => {
    const iat = (when: number) => read(issue(undefined, undefined, {}, when)).payload["iat"];
    expect(iat(now + 1)).to.be.lessThan(iat(now + 2) as number);
  });

  it("signs with the first key, names its kid, and takes a private key", () => {
    const pair = ecPair("P-384");
    const token = issue(undefined, undefined, { keys: [{ kid: "new", ...pair, algorithm: "ES384" }, { kid: "old", secret }] });
    expect(read(token).header).to.deep.equal({ alg: "ES384", typ: "JWT", kid: "new" });
    expect(verdict(token, { keys: [{ publicKey: pair.publicKey, algorithm: "ES384" }] })).to.equal("accepted");
  });

  it("fills in the first issuer and audience, unless the claims name others", () => {
    const options = { issuer: ["us", "them"], audience: "chat" };
    expect(read(issue(undefined, undefined, options)).payload).to.include({ iss: "us", aud: "chat" });
    expect(read(issue({ sub: "a", iss: "them", jti: "1" }, undefined, options)).payload).to.include({ iss: "them", jti: "1" });
  });

  it("issues for exactly maxLifetime at any millisecond", () => {
    for (let more = 0; more < 1000; more += 7) {
      expect(verdict(issue({ sub: "a" }, { expiresIn: "90d" }, {}, now + more), {}, now + more)).to.equal("accepted");
    }
  });

  it("may issue a token for later", () => {
    const token = issue({ sub: "a", nbf: second + 600 });
    expect(verdict(token, {}, at)).to.equal("token_not_active");
    expect(verdict(token, {}, at + 600_000)).to.equal("accepted");
  });

  it("does not change the claims", () => {
    const claims = Object.freeze({ sub: "alice" });
    issue(claims);
    expect(claims).to.deep.equal({ sub: "alice" });
  });

  const loop: { loop?: object } = {};
  loop.loop = loop;
  const wrong: [string, unknown, unknown, Partial<TokenOptions>, string, RegExp][] = [
    ["no subject", {}, undefined, {}, "issue_refused", /names its subject/],
    ["an empty subject", { sub: "" }, undefined, {}, "issue_refused", /1 to 1024/],
    ["another issuer", { sub: "a", iss: "x" }, undefined, { issuer: "us" }, "issue_refused", /its `iss` is wrong: got "x", wanted "us"/],
    ["another audience", { sub: "a", aud: ["x"] }, undefined, { audience: "us" }, "issue_refused", /its `aud` is wrong: got \["x"\], wanted "us"/],
    ["claims that the schema refuses", { sub: "a", role: "king" }, undefined, { claims: z.object({ role: z.enum(["member"]) }) }, "issue_refused", /schema/],
    ["an nbf after exp", { sub: "a", nbf: second + 7200 }, undefined, {}, "issue_refused", /has expired/],
    ["an nbf that is text", { sub: "a", nbf: "soon" }, undefined, {}, "issue_refused", /`nbf` as a number/],
    ["claims longer than a token may be", { sub: "a", text: "x".repeat(8192) }, undefined, {}, "issue_refused", /longer than 8192/],
    ["claims nested too deep", { sub: "a", deep: JSON.parse("[".repeat(40) + "]".repeat(40)) as unknown }, undefined, {}, "issue_refused", /deeper than 32/],
    ["a bigint", { sub: "a", id: 1n }, undefined, {}, "issue_refused", /JSON can hold/],
    ["claims that refer to themselves", { sub: "a", loop }, undefined, {}, "issue_refused", /JSON can hold/],
    ["a key past acceptUntil", undefined, undefined, { keys: [{ secret, acceptUntil: at }] }, "issue_refused", /has expired/],
    ["a key that `algorithms` leaves out", undefined, undefined, { keys: [{ secret }, { secret: "s".repeat(64), algorithm: "HS512" }], algorithms: ["HS512"] }, "issue_refused", /no trusted key/],
    ["a public key only", undefined, undefined, { keys: [{ publicKey: ecPair("P-256").publicKey, algorithm: "ES256" }, { secret }] }, "key_cannot_sign", /privateKey/],
    ["exp among the claims", { sub: "a", exp: 1 }, undefined, {}, "claims_reserved", /expiresIn/],
    ["iat among the claims", { sub: "a", iat: 1 }, undefined, {}, "claims_reserved", /expiresIn/],
    ["no claims", null, undefined, {}, "option_invalid", /object of claims/],
    ["claims that are text", "alice", undefined, {}, "option_invalid", /object of claims/],
    ["no options", undefined, null, {}, "option_missing", /expiresIn/],
    ["no expiresIn", undefined, {}, {}, "option_missing", /expiresIn: "1h"/],
    ["expiresIn 0", undefined, { expiresIn: 0 }, {}, "option_invalid", /more than 0/],
    ["more than maxLifetime", undefined, { expiresIn: "91d" }, {}, "option_invalid", /7776000000 ms/],
    ["expiresIn that is no duration", undefined, { expiresIn: "soon" }, {}, "option_invalid", /expiresIn/],
    ["a misspelt option", undefined, { expireIn: "1h" }, {}, "option_unknown", /Did you mean `expiresIn`/],
  ];
  for (const [title, claims, options, more, code, sentence] of wrong) {
    it(`refuses ${title}: ${code}`, () => {
      const error = mistake(() => issue(claims, options, more));
      expect(error.code).to.equal(code);
      expect(error.message).to.match(sentence);
    });
  }
});
