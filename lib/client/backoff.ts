/** Whether to try again after a denial, and when. */
import type { Denial, Reconnect } from "../protocol.js";

const minDelay = 1_000;
const maxDelay = 30_000;

/** The delay in milliseconds after this many failures: 1 s, 2 s, 4 s … 30 s, of which the second half is random. */
export function backoff(failures: number, random: number): number {
  return Math.min(minDelay * 2 ** failures, maxDelay) * (0.5 + random / 2);
}

/** What the denial advises. Without advice, another attempt is only worth it if the reason passes with time. */
export function adviceOf({ reconnect, retryAfter, status }: Denial): Reconnect {
  return reconnect ?? (retryAfter !== undefined || status === 429 ? "later" : "never");
}
