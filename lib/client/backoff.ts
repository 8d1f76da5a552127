/** What a denial advises, and how long to wait before the next attempt. */
import type { Denial, Reconnect } from "../protocol.js";

const shortest = 1_000;
const longest = 30_000;

/** Milliseconds before the attempt after this many failed ones: 1 s, 2 s, 4 s … 30 s, the second half of each left to chance. */
export function backoff(failed: number, random: number): number {
  return Math.min(shortest * 2 ** failed, longest) * (0.5 + random / 2);
}

/** Where a denial says nothing, only one that passes by itself is worth another attempt. */
export function adviceOf({ reconnect, retryAfter, status }: Denial): Reconnect {
  return reconnect ?? (retryAfter !== undefined || status === 429 ? "later" : "never");
}
