/** `jwt()`: authenticates by a signed JSON Web Token. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { isPromiseLike } from "../callbacks.js";
import { GuardError } from "../guard-error.js";
import { codes } from "../protocol.js";
import { Refusal } from "../refusal.js";
import type { ClaimList } from "../token/claim-lists.js";
import type { RegisteredClaims } from "../token/claims.js";
import type { Diagnosis } from "../token/diagnose.js";
import { extractToken } from "../token/extract.js";
import { type IssueOptions, issueToken } from "../token/issue.js";
import { type TokenConfig, type TokenOptions, readTokenOptions } from "../token/options.js";
import { type VerifiedBy, type VerifiedToken, validityNow, verifyOrReload, verifyToken } from "../token/verify.js";
import type { Authenticator, LiveCredential, GuardIdentity } from "./authenticator.js";

/** Only `socket.io-guard doctor` calls it, which may be of another copy of this package than the server. */
export const diagnosis = Symbol.for("socket.io-guard.diagnosis");

export interface Diagnosable {
  readonly [diagnosis]: (token: string) => Promise<Diagnosis>;
}

/** The options of jwt(). */
export interface JwtOptions<
  Output extends object = Readonly<Record<string, unknown>>, Input = Output, Subject extends string | undefined = undefined,
  Roles extends ClaimList = ClaimList, Scopes extends ClaimList = ClaimList,
> extends Omit<TokenOptions, "claims" | "subject" | "roles" | "scopes"> {
  /** A Standard Schema for the payload. Rules then see its output and the registered claims. @default rules see the whole payload */
  readonly claims?: StandardSchemaV1<Input, Output>;
  /** The claim that names the user in place of `sub`: a string of 1 to 1,024 characters, or an integer. @default "sub" */
  readonly subject?: Subject;
  /** Where the token holds the roles of its user, such as `"realm_access.roles"`. They become `user.roles`, which `role(...)` reads. @default `role(...)` reads the claims `role` and `roles` */
  readonly roles?: Roles;
  /** Where the token holds the scopes of its user. They become `user.scopes`, which `scope(...)` reads. @default `scope(...)` reads the claims `scopes`, `scope` and `scp` */
  readonly scopes?: Scopes;
}

/** `sub` is optional where another claim names the user. */
type Registered<Subject> = Subject extends string ? Omit<RegisteredClaims, "sub"> & Partial<Pick<RegisteredClaims, "sub">> : RegisteredClaims;

/** The name, if the option is given. If it is left out, its type stays the widest. */
type NameIfSet<Name, Option> = [ClaimList] extends [Option] ? never : Name;

/** The lists of the options `roles` and `scopes` take the place of claims of the same names. */
type WithLists<Output, Names extends string> = Output extends unknown ? Omit<Output, Names> & Readonly<Record<Names, readonly string[]>> : never;

/** One object type, which an editor shows with all its properties. */
type Simplify<Type> = { -readonly [Name in keyof Type]: Type[Name] } & {};

/** The claims that rules see: the output of the schema, or the whole payload, with the registered claims and the lists of `roles` and `scopes`. */
export type JwtClaims<Output = Readonly<Record<string, unknown>>, Subject = undefined, Roles = ClaimList, Scopes = ClaimList> =
  Simplify<WithLists<Output, NameIfSet<"roles", Roles> | NameIfSet<"scopes", Scopes>> & Registered<Subject>>;

/** What `issue` takes: the input of the schema and the registered claims, without those that `issue` writes. */
type IssuedClaims<Input, Subject> = Simplify<Input & Omit<Registered<Subject>, "exp" | "iat">>;

/** An authenticator that also issues tokens, and verifies them for the host's own HTTP routes. */
export interface Jwt<Claims, Given = Claims> extends Authenticator<Claims> {
  readonly name: "jwt";
  /**
   * Signs a token with the first key. It gets `exp` by `expiresIn`, a fractional `iat`, a random `jti`, and the first `issuer` and
   * `audience`, unless the claims name others.
   * @throws GuardError `key_cannot_sign`, `option_missing`, `option_invalid`, `claims_reserved`, `unavailable` while the keys are not loaded yet, or `issue_refused` for a token that `verify` would refuse
   */
  readonly issue: (claims: Given, options: IssueOptions) => string;
  /**
   * The claims of a token, verified as at a handshake.
   * @throws GuardError (the promise rejects) `token_malformed`, `token_invalid`, `token_not_active` or `token_expired`, or `unavailable` while its key is not loaded. Its `reason` says exactly why.
   */
  readonly verify: (token: string) => Promise<Claims>;
}

/**
 * Authenticates by a JWT from `handshake.auth.token`, or else the `Authorization: Bearer` header, or else the named cookie.
 * A token has at most `maxTokenLength` characters, an `exp`, and a signature of one of the keys. `TokenOptions` lists what else it must fulfil.
 * @throws GuardError `option_invalid`, `option_missing`, `option_undefined`, `option_unknown`, and those of a wrong key
 */
export function jwt<
  Output extends object = Readonly<Record<string, unknown>>, Input = Output, Subject extends string | undefined = undefined,
  Roles extends ClaimList = ClaimList, Scopes extends ClaimList = ClaimList,
>(options: JwtOptions<Output, Input, Subject, Roles, Scopes>): Jwt<JwtClaims<Output, Subject, Roles, Scopes>, IssuedClaims<Input, Subject>> {
  type Claims = JwtClaims<Output, Subject, Roles, Scopes>;
  const config = readTokenOptions(options);
  const { cookie } = config;
  const credential = credentialOf(config);
  return Object.freeze<Jwt<Claims, IssuedClaims<Input, Subject>> & Diagnosable>({
    name: "jwt",
    reads: Object.freeze({ auth: ["token"], ...(cookie !== undefined && { cookies: [cookie] }) }),
    maxLifetime: config.maxLifetime,
    attach: (context) => context.watchKeys?.(config.ring),
    notReadySince: () => config.ring.notReadySince,
    authenticate(handshake) {
      const token = extractToken(handshake, cookie);
      if (token === undefined) return undefined;
      const verified = verifyOrReload(token, config);
      return isPromiseLike(verified) ? verified.then((settled) => answerTo<Claims>(settled, credential)) : answerTo<Claims>(verified, credential);
    },
    tokenId(token) {
      const verified = verifyToken(token, Date.now(), config);
      return verified instanceof Refusal ? verified.denial : verified.tokenId;
    },
    issue: (claims, issueOptions) => issueToken(claims, issueOptions, config),
    verify: async (token) => claimsOf(await verifyOrReload(token, config)) as Claims,
    // No server loads it.
    [diagnosis]: async (token) => (await import("../token/diagnose.js")).diagnose(token, config),
  });
}

function claimsOf(verified: VerifiedToken | Refusal): object {
  if (!(verified instanceof Refusal)) return verified.claims;
  const { denial: { code }, reason } = verified;
  throw new GuardError(code, codes[code].message, { reason });
}

function answerTo<Claims>(verified: VerifiedToken | Refusal, credential: LiveCredential): GuardIdentity<Claims> | Refusal {
  if (verified instanceof Refusal) return verified;
  const { subject, claims, tokenId, issuedAt, notBefore, endsAt, verifiedBy } = verified;
  return Object.freeze({
    method: "jwt", subject, claims: claims as Claims, tokenId, notBefore, endsAt, credential, verifiedBy,
    ...(issuedAt !== undefined && { issuedAt }),
  });
}

/** One for all identities of a `jwt()`: their tokens are valid as long as the ring still has the key that signed them. */
function credentialOf(config: TokenConfig): LiveCredential {
  const { ring } = config;
  return {
    get generation() { return ring.generation; },
    validity: (identity) => validityNow(identity as GuardIdentity<object> & { verifiedBy: VerifiedBy }, config),
    onChange: (listener) => ring.onChange(listener),
  };
}
