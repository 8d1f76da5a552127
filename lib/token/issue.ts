/** Claims -> a token signed with the first key. What the same rules would not verify is never issued. */
import { randomUUID } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";
import { type Duration, milliseconds, refuseUnknownOptions } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import type { BoundKey } from "./key.js";
import { Refusal } from "./refusal.js";
import type { TokenRules } from "./rules.js";
import { verifyToken } from "./verify.js";

export interface IssueOptions {
  /** How long the token holds: more than 0, at most `maxLifetime`. */
  readonly expiresIn: Duration;
}

/**
 * Signs the claims, with `exp` by `expiresIn`, a fractional `iat`, a random `jti` unless one is given, and the first of `issuer` and
 * of `audience` where `iss` and `aud` are not given.
 * @throws GuardError `unavailable`, `key_cannot_sign`, `expires_in_invalid`, `option_invalid`, `claims_invalid`, `claims_reserved`, `issue_refused`
 */
export function issueToken(claims: object, options: IssueOptions, rules: TokenRules): string {
  refuseUnknownOptions(options ?? {}, ["expiresIn"], "issue()");
  refuseWrongClaims(claims);
  const now = Date.now();
  const lifetime = readLifetime(options, rules);
  const payload: Record<string, unknown> = {
    ...(rules.issuers && { iss: rules.issuers[0] }),
    ...(rules.audiences && { aud: rules.audiences[0] }),
    jti: randomUUID(),
    ...claims,
    iat: now / 1000,
    exp: (now + lifetime) / 1000,
  };
  if (!rules.ring.isLoaded) throw new GuardError("unavailable", "The keys are not loaded yet: await ring.ready before issue().");
  const token = sign(payload, rules.ring.keys[0]);
  refuseUnverifiable(token, payload, now, rules);
  return token;
}

function refuseWrongClaims(claims: object): void {
  if (typeof claims !== "object" || claims === null || Array.isArray(claims)) {
    throw new GuardError("claims_invalid", "issue() takes an object of claims: write issue({ sub: user.id }, { expiresIn: \"1h\" }).");
  }
  if ("exp" in claims || "iat" in claims) {
    throw new GuardError("claims_reserved", "exp and iat are written by issue(): leave them out and give expiresIn.");
  }
}

function readLifetime(options: IssueOptions | undefined, rules: TokenRules): number {
  if (options?.expiresIn === undefined) {
    throw new GuardError("expires_in_invalid", "issue() needs expiresIn: write issue(claims, { expiresIn: \"1h\" }).");
  }
  const lifetime = milliseconds(options.expiresIn, "expiresIn");
  if (lifetime === 0 || lifetime > rules.maxLifetime) {
    throw new GuardError("expires_in_invalid", `expiresIn is ${lifetime} ms and must be more than 0 and at most maxLifetime, ${rules.maxLifetime} ms: give a time between.`);
  }
  return lifetime;
}

function sign(payload: object, key: BoundKey | undefined): string {
  if (key?.signing === undefined) {
    throw new GuardError("key_cannot_sign", "The first key cannot sign: give it a privateKey, or put a key that has one first.");
  }
  try {
    return jsonwebtoken.sign(payload, key.signing, { algorithm: key.algorithm, ...(key.kid !== undefined && { keyid: key.kid }) });
  } catch {
    throw new GuardError("issue_refused", "These claims cannot be signed: give values that JSON can hold, and nbf as a number of seconds.");
  }
}

function refuseUnverifiable(token: string, { nbf }: Record<string, unknown>, now: number, rules: TokenRules): void {
  // A token may be made for later: then it must hold from its nbf on.
  const from = typeof nbf === "number" ? Math.max(now, nbf * 1000) : now;
  const verified = verifyToken(token, from, rules);
  if (verified instanceof Refusal) {
    throw new GuardError("issue_refused", `This token would not be accepted here: ${verified.reason}. Change the claims, or the options of jwt().`);
  }
}
