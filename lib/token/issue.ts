/** Signs claims with the first key. It never issues a token that the same options would refuse. */
import { randomUUID } from "node:crypto";
import { type Duration, milliseconds, refuseUnknownOptions } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { Refusal } from "../refusal.js";
import type { BoundKey } from "./key.js";
import type { TokenConfig } from "./options.js";
import { signedToken } from "./signature.js";
import { verifyToken } from "./verify.js";

/** How a token is issued. */
export interface IssueOptions {
  /** How long the token is valid: more than 0, at most `maxLifetime`. */
  readonly expiresIn: Duration;
}

/**
 * Signs the claims, with `exp` by `expiresIn` and a fractional `iat`. Where the claims do not name them, it adds a random `jti`
 * and the first of `issuer` and of `audience`.
 * @throws GuardError `unavailable`, `key_cannot_sign`, `option_missing`, `option_invalid`, `option_unknown`, `claims_reserved`, `issue_refused`
 */
export function issueToken(claims: object, options: IssueOptions, config: TokenConfig): string {
  refuseUnknownOptions(options ?? {}, ["expiresIn"], "issue()");
  refuseWrongClaims(claims);
  const now = Date.now();
  const lifetime = readLifetime(options, config);
  const payload: Record<string, unknown> = {
    ...(typeof config.issuer === "object" && { iss: config.issuer[0] }),
    ...(config.audiences && { aud: config.audiences[0] }),
    jti: randomUUID(),
    ...claims,
    iat: now / 1000,
    exp: (now + lifetime) / 1000,
  };
  if (!config.ring.isLoaded) throw new GuardError("unavailable", "The keys are not loaded yet. Await the ring's `ready` before you call issue().");
  const token = sign(payload, config.ring.keys[0]);
  refuseUnverifiable(token, payload, now, config);
  return token;
}

function refuseWrongClaims(claims: object): void {
  if (typeof claims !== "object" || claims === null || Array.isArray(claims)) {
    throw new GuardError("option_invalid", "issue() takes an object of claims: write issue({ sub: user.id }, { expiresIn: \"1h\" }).");
  }
  if ("exp" in claims || "iat" in claims) {
    throw new GuardError("claims_reserved", "issue() writes `exp` and `iat` itself. Leave them out of the claims and give `expiresIn`.");
  }
}

function readLifetime(options: IssueOptions | undefined, { maxLifetime }: TokenConfig): number {
  if (options?.expiresIn === undefined) {
    throw new GuardError("option_missing", "issue() needs `expiresIn`: write issue(claims, { expiresIn: \"1h\" }).");
  }
  const lifetime = milliseconds(options.expiresIn, "expiresIn");
  if (lifetime === 0 || lifetime > maxLifetime) {
    throw new GuardError("option_invalid", `\`expiresIn\` is ${lifetime} ms. Give more than 0 and at most \`maxLifetime\`, which is ${maxLifetime} ms.`);
  }
  return lifetime;
}

function sign(payload: object, key: BoundKey | undefined): string {
  if (key?.signing === undefined) {
    throw new GuardError("key_cannot_sign", "The first key cannot sign. Give it a `privateKey`, or put a key that has one first.");
  }
  try {
    return signedToken(payload, key, key.signing);
  } catch {
    throw new GuardError("issue_refused", "These claims cannot be signed. Give values that JSON can hold, and `nbf` as a number of seconds.");
  }
}

function refuseUnverifiable(token: string, { nbf }: Record<string, unknown>, now: number, config: TokenConfig): void {
  // A token may be issued for later. Then it must be valid from its nbf on.
  const from = typeof nbf === "number" ? Math.max(now, nbf * 1000) : now;
  const verified = verifyToken(token, from, config);
  if (verified instanceof Refusal) {
    throw new GuardError("issue_refused", `This token would be refused here: ${verified.reason}. Change the claims or the options of jwt().`);
  }
}
