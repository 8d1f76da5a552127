/**
 * When a token holds, as two integers of epoch milliseconds: `now >= notBefore && now < endsAt` decides, for every integer `now`,
 * exactly as `jsonwebtoken.verify` does with `clockTimestamp: now / 1000`, its floating point included.
 */
import type { RegisteredClaims } from "./claims.js";
import { Refusal } from "./refusal.js";
import type { TokenRules } from "./rules.js";

export interface TokenInstants {
  readonly notBefore: number;
  readonly endsAt: number;
}

const notActive = new Refusal("token_not_active", "it is not active yet");
const expired = new Refusal("token_expired", "it has expired");

/** The instants of the claims alone; the key's `acceptUntil` is apart, since it can change. */
export function instantsOf(claims: Pick<RegisteredClaims, "exp" | "nbf" | "iat">, rules: TokenRules): TokenInstants {
  const { exp, nbf, iat } = claims;
  const { startTolerance, endTolerance, maxAge, maxLifetime } = rules;
  // Without iat: a token that lives maxLifetime at most was issued at exp - maxLifetime or later.
  const issued = start(iat ?? exp - maxLifetime / 1000, startTolerance);
  const begins = nbf === undefined ? 0 : start(nbf, startTolerance);
  const expires = end(exp, endTolerance);
  const ages = maxAge === undefined || iat === undefined ? Infinity : end(iat + maxAge, endTolerance);
  return { notBefore: Math.max(0, issued, begins), endsAt: Math.min(expires, ages) };
}

/** Nothing while the instants hold. A clock that answers no number holds nothing. The order is that of `jsonwebtoken`. */
export function refusalAt(now: number, { notBefore, endsAt }: TokenInstants): Refusal | undefined {
  if (!(now >= notBefore)) return notActive;
  if (!(now < endsAt)) return expired;
  return undefined;
}

/** `jsonwebtoken` refuses while `instant > now / 1000 + tolerance`: the first millisecond at which it does not. */
function start(instant: number, tolerance: number): number {
  return firstMillisecond((instant - tolerance) * 1000, (now) => instant <= now / 1000 + tolerance);
}

/** `jsonwebtoken` refuses as soon as `now / 1000 >= instant + tolerance`: the first millisecond at which it does. */
function end(instant: number, tolerance: number): number {
  return firstMillisecond((instant + tolerance) * 1000, (now) => now / 1000 >= instant + tolerance);
}

/** The guess is off by a rounding at most; the comparison itself settles which integer it is. */
function firstMillisecond(guess: number, reached: (now: number) => boolean): number {
  let now = Math.ceil(guess);
  while (reached(now - 1)) now--;
  while (!reached(now)) now++;
  return now;
}
