// What verifying the whole token again would say, written apart from lib: jsonwebtoken with each key that the ring holds.
import { createSecretKey } from "node:crypto";
import jsonwebtoken, { type VerifyOptions } from "jsonwebtoken";

export interface ModelKey {
  readonly kid: string | undefined;
  readonly secret: string;
  acceptUntil: number;
}

export interface ModelRules {
  /** Seconds; undefined for the defaults: 5 for `nbf` and `iat`, 0 for `exp`. */
  readonly clockTolerance: number | undefined;
  readonly maxAge: number | undefined;
}

/** Whether the token holds at `now` (epoch milliseconds) under these keys. */
export function verifiesAgain(token: string, keys: readonly ModelKey[], rules: ModelRules, now: number): boolean {
  const kid = jsonwebtoken.decode(token, { complete: true })!.header.kid;
  return keys
    .filter((key) => key.kid === undefined || kid === undefined || key.kid === kid)
    .filter((key) => now < key.acceptUntil)
    .some((key) => verifiesWith(token, key, rules, now));
}

function verifiesWith(token: string, key: ModelKey, { clockTolerance, maxAge }: ModelRules, now: number): boolean {
  const clockTimestamp = now / 1000;
  const secret = createSecretKey(key.secret, "utf8");
  const verify = (options: VerifyOptions) => jsonwebtoken.verify(token, secret, { algorithms: ["HS256"], clockTimestamp, ...options }) as { iat: number };
  const end: VerifyOptions = { clockTolerance: clockTolerance ?? 0, ...(maxAge !== undefined && { maxAge: maxAge }) };
  try {
    // jsonwebtoken has one tolerance for both ends, and does not look at an iat in the future.
    verify({ ...end, ignoreNotBefore: true });
    const { iat } = verify({ clockTolerance: clockTolerance ?? 5, ignoreExpiration: true });
    return iat <= clockTimestamp + (clockTolerance ?? 5);
  } catch {
    return false;
  }
}
