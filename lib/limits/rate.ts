/** A rate, such as "20/10s": how often something may happen in any window of that length. */
import { attempt } from "../callbacks.js";
import { milliseconds, type Duration } from "../configuration.js";
import { GuardError } from "../guard-error.js";

/** How often something may happen: a number, a slash, and the length of the window, such as `"20/10s"` or `"1000/1h"`. At most that many happen in any window of that length. */
export type Rate = `${number}/${Duration}`;

/** A rate that was read. */
export interface ParsedRate {
  /** As the host wrote it. */
  readonly text: string;
  /** 1 to 1,000,000,000. */
  readonly count: number;
  /** Milliseconds: a whole number, 1 to 86,400,000 (one day). */
  readonly window: number;
}

const maxCount = 1_000_000_000;
const maxWindow = 86_400_000;

/** Reads a rate. @throws GuardError `option_invalid` */
export function readRate(given: unknown, name: string): ParsedRate {
  const [, digits, length] = (typeof given === "string" ? /^(\d+)\/(.+)$/s.exec(given) : null) ?? [];
  if (digits === undefined) throw invalid(name);
  const count = Number(digits);
  const window = Math.ceil(attempt(() => milliseconds(length, name)) ?? 0);
  if (count < 1 || count > maxCount || window < 1 || window > maxWindow) throw invalid(name);
  return Object.freeze({ text: given as string, count, window });
}

function invalid(name: string): GuardError {
  return new GuardError("option_invalid", `\`${name}\` must be a rate such as "20/10s": a whole number from 1 to ${maxCount.toLocaleString("en")}, a slash, and a duration of up to one day.`);
}
