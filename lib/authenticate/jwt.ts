/** `jwt()`: who connects is whom a signed JSON Web Token names. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { refuseUnknownOptions } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { type Denial, codes, denial } from "../protocol.js";
import type { RegisteredClaims } from "../token/claims.js";
import { extractToken } from "../token/extract.js";
import { type IssueOptions, issueToken } from "../token/issue.js";
import { Refusal } from "../token/refusal.js";
import { type TokenOptions, type TokenRules, tokenOptions, tokenRules } from "../token/rules.js";
import { type VerifiedBy, type VerifiedToken, instantsNow, verifyToken } from "../token/verify.js";
import type { Authenticator, LiveCredential, Handshake, Identity, ValidityWindow } from "./authenticator.js";

export interface JwtOptions<Output extends object = Readonly<Record<string, unknown>>, Input = Output, Subject extends string | undefined = undefined>
  extends Omit<TokenOptions, "claims" | "subject"> {
  /** A Standard Schema for the payload. Rules then see its output and the registered claims. @default rules see the whole payload */
  readonly claims?: StandardSchemaV1<Input, Output>;
  /** The claim that names the user in place of `sub`: a string of 1 to 1,024 characters, or an integer. @default "sub" */
  readonly subject?: Subject;
  /** The cookie that may hold the token; the guard's `origins` is then required. @default none is read */
  readonly cookie?: string;
}

/** `sub` is optional where another claim names the user. */
type Registered<Subject> = Subject extends string ? Omit<RegisteredClaims, "sub"> & Partial<Pick<RegisteredClaims, "sub">> : RegisteredClaims;

/** One object type, which an editor shows with all its properties. */
type Simplify<Type> = { -readonly [Name in keyof Type]: Type[Name] } & {};

/** The claims that rules see: the output of the schema, or the whole payload, with the registered claims. */
export type JwtClaims<Output = Readonly<Record<string, unknown>>, Subject = undefined> = Simplify<Output & Registered<Subject>>;

/** What `issue` takes: the input of the schema and the registered claims, without those that `issue` writes. */
type IssuedClaims<Input, Subject> = Simplify<Input & Omit<Registered<Subject>, "exp" | "iat">>;

/** An authenticator that also issues tokens, and verifies them for a host's own HTTP routes. */
export interface Jwt<Claims, Given = Claims> extends Authenticator<Claims> {
  readonly name: "jwt";
  authenticate(handshake: Handshake): Identity<Claims> | Denial | undefined;
  /**
   * Signs a token with the first key. It gets `exp` by `expiresIn`, a fractional `iat`, a random `jti`, and the first `issuer` and
   * `audience` unless the claims name others.
   * @throws GuardError `key_cannot_sign`, `expires_in_invalid`, `option_invalid`, `claims_invalid`, `claims_reserved`, `unavailable` while the keys are not loaded yet, or `issue_refused` for a token that `verify` would refuse
   */
  readonly issue: (claims: Given, options: IssueOptions) => string;
  /**
   * The claims of a token, verified as at a handshake.
   * @throws GuardError (the promise rejects) `token_malformed`, `token_invalid`, `token_not_active` or `token_expired`; `unavailable` while the keys are not loaded yet
   */
  readonly verify: (token: string) => Promise<Claims>;
}

/**
 * Authenticates by a JWT from `handshake.auth.token`, else the `Authorization: Bearer` header, else the cookie that is named.
 * A token has at most 8,192 characters, `exp`, and a signature of one of the keys; see `TokenOptions` for what more it must fulfil.
 * @throws GuardError `options_invalid`, `option_unknown`, `cookie_invalid`, and those of the rules (token/rules.ts) and keys (token/keys.ts)
 */
export function jwt<Output extends object = Readonly<Record<string, unknown>>, Input = Output, Subject extends string | undefined = undefined>(
  options: JwtOptions<Output, Input, Subject>,
): Jwt<JwtClaims<Output, Subject>, IssuedClaims<Input, Subject>> {
  refuseWrongForm(options);
  refuseUnknownOptions(options, [...tokenOptions, "cookie"], "jwt()");
  const rules = tokenRules(options as unknown as TokenOptions);
  const cookie = readCookieName(options.cookie);
  type Claims = JwtClaims<Output, Subject>;
  const credential = new RingCredential(rules);
  const madeAt = Date.now();
  return Object.freeze<Jwt<Claims, IssuedClaims<Input, Subject>>>({
    name: "jwt",
    reads: Object.freeze({ auth: ["token"], ...(cookie !== undefined && { cookies: [cookie] }) }),
    maxLifetime: rules.maxLifetime,
    notReadySince: () => rules.ring.isLoaded ? undefined : madeAt,
    authenticate(handshake) {
      const token = extractToken(handshake, cookie);
      if (token === undefined) return undefined;
      const verified = verifyToken(token, Date.now(), rules);
      return verified instanceof Refusal ? denial(verified.code) : identityOf<Claims>(verified, credential);
    },
    tokenId(token) {
      const verified = verifyToken(token, Date.now(), rules);
      return verified instanceof Refusal ? denial(verified.code) : verified.tokenId;
    },
    issue: (claims, issueOptions) => issueToken(claims, issueOptions, rules),
    // What throws in here rejects the promise.
    verify: (token) => new Promise((resolve) => resolve(claimsOf(verifyToken(token, Date.now(), rules)) as Claims)),
  });
}

function claimsOf(verified: VerifiedToken | Refusal): object {
  if (verified instanceof Refusal) throw new GuardError(verified.code, codes[verified.code].message);
  return verified.claims;
}

function identityOf<Claims>(verified: VerifiedToken, credential: LiveCredential): Identity<Claims> {
  const { subject, claims, tokenId, issuedAt, notBefore, endsAt, verifiedBy } = verified;
  return Object.freeze({
    method: "jwt", subject, claims: claims as Claims, tokenId, notBefore, endsAt, credential, verifiedBy,
    ...(issuedAt !== undefined && { issuedAt }),
  });
}

/** One for all identities of a `jwt()`: their tokens hold as long as the ring still has the key that signed them. */
class RingCredential implements LiveCredential {
  readonly #rules: TokenRules;

  constructor(rules: TokenRules) {
    this.#rules = rules;
  }

  get generation(): number {
    return this.#rules.ring.generation;
  }

  validity(identity: Identity): ValidityWindow | undefined {
    return instantsNow(identity as Identity<object> & { verifiedBy: VerifiedBy }, this.#rules);
  }

  onChange(listener: () => void): () => void {
    return this.#rules.ring.onChange(listener);
  }
}

function refuseWrongForm(options: unknown): void {
  if (typeof options !== "object" || options === null || options instanceof Uint8Array) {
    throw new GuardError("options_invalid", "jwt() takes an object of options: write jwt({ keys: process.env.LOCAL_JWT_SECRET }).");
  }
}

/** A cookie's name is a token of HTTP (RFC 6265, section 4.1.1). */
function readCookieName(name: unknown): string | undefined {
  if (name !== undefined && (typeof name !== "string" || !/^[\w!#$%&'*+.^`|~-]{1,256}$/.test(name))) {
    throw new GuardError("cookie_invalid", "cookie is not the name of a cookie: give one such as \"access_token\".");
  }
  return name;
}
