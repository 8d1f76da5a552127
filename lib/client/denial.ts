/** A denial as an error, and whether and when to try again after it. */
import type { Denial, DenialCode, Reconnect } from "../protocol.js";
import type { Time } from "./alarm.js";

/** The server denied an event, a login or a session. Its `message` is the message of the denial. */
export class DenialError extends Error {
  override readonly name = "DenialError";
  declare readonly denial: Denial;
  declare readonly code: DenialCode;
  /** Milliseconds until it is worth trying again; undefined if the server did not say. */
  declare readonly retryAfter: number | undefined;

  constructor(denial: Denial) {
    super(denial.message);
    this.denial = denial;
    this.code = denial.code;
    this.retryAfter = denial.retryAfter;
  }
}

/** What the denial advises. Without advice, another attempt is only worth it if the reason passes with time. */
export function adviceOf({ reconnect, retryAfter, status }: Denial): Reconnect {
  return reconnect ?? (retryAfter !== undefined || status === 429 ? "later" : "never");
}

const minDelay = 1_000;
const maxDelay = 30_000;

/** The delay in milliseconds after this many failures: 1 s, 2 s, 4 s … 30 s, of which the second half is random. */
export function backoff(time: Time, failures: number): number {
  return Math.min(minDelay * 2 ** failures, maxDelay) * (0.5 + time.Math.random() / 2);
}
