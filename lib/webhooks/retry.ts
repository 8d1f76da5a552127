/** When a failed delivery is made again, and when it has failed for too long. */
import type { ClaimedDelivery } from "./queue.js";

const firstDelay = 1_000;
const longestDelay = 5 * 60_000;
// An endpoint may ask for more time than we would give it, but not stop us for a day.
const longestRetryAfter = 60 * 60_000;

/** Milliseconds until the next attempt, or "dead". */
export type NextAttempt = number | "dead";

/**
 * A delivery is dead when it has waited for `retryFor` and its lane has failed in all this time. So what waited behind others, or
 * was found after all nodes were down, is retried as long as everything else, and an endpoint that is gone does not hold up each
 * delivery of a subject for `retryFor` again. The last attempt is made at the end of this time.
 */
export function nextAttempt({ delivery: { createdAt }, attempts, failingSince }: ClaimedDelivery, now: number, retryAfter: number, retryFor: number, random = Math.random): NextAttempt {
  const left = Math.max(createdAt, failingSince ?? now) + retryFor - now;
  if (left <= 0) return "dead";
  const wait = Math.max(backoff(attempts, random), Math.min(retryAfter, longestRetryAfter));
  return Math.min(wait, left);
}

/** Exponential, with full jitter: deliveries that failed together are not made again together. */
function backoff(attempts: number, random: () => number): number {
  return random() * Math.min(firstDelay * 2 ** Math.min(attempts, 20), longestDelay);
}
