/**
 * When a token is valid, as two integers of epoch milliseconds. For every integer `now`, `now >= notBefore && now < endsAt`
 * decides exactly as `jsonwebtoken.verify` does with `clockTimestamp: now / 1000`, its floating-point arithmetic included.
 */
import { type Refusal, refuse } from "../refusal.js";
import type { RegisteredClaims } from "./claims.js";
import type { TokenConfig } from "./options.js";

/** Something is valid from `notBefore` until just before `endsAt`, both in epoch milliseconds. */
export interface ValidityWindow {
  readonly notBefore: number;
  readonly endsAt: number;
}

const notActive = refuse("token_not_active", { reason: "it is not active yet" });
const expired = refuse("token_expired", { reason: "it has expired" });

/** From when and until when each claim lets a token be valid, in epoch milliseconds. */
export interface ClaimLimits {
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
  readonly maxAge: number;
}

type Times = Pick<RegisteredClaims, "exp" | "nbf" | "iat">;

export function limitsOf({ exp, nbf, iat }: Times, { startTolerance, endTolerance, maxAge, maxLifetime }: TokenConfig): ClaimLimits {
  return {
    // A token without iat lives at most maxLifetime, so it was issued at exp - maxLifetime or later.
    iat: start(iat ?? exp - maxLifetime / 1000, startTolerance),
    nbf: nbf === undefined ? 0 : start(nbf, startTolerance),
    exp: end(exp, endTolerance),
    maxAge: maxAge === undefined || iat === undefined ? Infinity : end(iat + maxAge, endTolerance),
  };
}

/** The window of the claims alone. The key's `acceptUntil` is separate, because it can change. */
export function validityOf(claims: Times, config: TokenConfig): ValidityWindow {
  const { iat, nbf, exp, maxAge } = limitsOf(claims, config);
  return { notBefore: Math.max(0, iat, nbf), endsAt: Math.min(exp, maxAge) };
}

/** Undefined while the window is open. If `now` is not a number, it never is. The order is that of `jsonwebtoken`. */
export function refusalAt(now: number, { notBefore, endsAt }: ValidityWindow): Refusal | undefined {
  if (!(now >= notBefore)) return notActive;
  if (!(now < endsAt)) return expired;
  return undefined;
}

/** `jsonwebtoken` refuses while `instant > now / 1000 + tolerance`. This is the first millisecond at which it does not. */
function start(instant: number, tolerance: number): number {
  return firstMillisecond((instant - tolerance) * 1000, (now) => instant <= now / 1000 + tolerance);
}

/** `jsonwebtoken` refuses as soon as `now / 1000 >= instant + tolerance`. This is the first millisecond at which it does. */
function end(instant: number, tolerance: number): number {
  return firstMillisecond((instant + tolerance) * 1000, (now) => now / 1000 >= instant + tolerance);
}

/** The guess is wrong by a rounding error at most, which the comparison itself corrects. */
function firstMillisecond(guess: number, isReached: (now: number) => boolean): number {
  let now = Math.ceil(guess);
  while (isReached(now - 1)) now--;
  while (!isReached(now)) now++;
  return now;
}
