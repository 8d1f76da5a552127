/** How options are read: unknown names are refused with the nearest right one, durations become milliseconds. */
import leven from "leven";
import ms from "ms";
import { GuardError } from "./guard-error.js";

/** Milliseconds as a number, or a string such as `"30s"`, `"10m"`, `"90d"`. */
export type Duration = number | string;

/**
 * Milliseconds of a duration: finite, 0 or more.
 * @throws GuardError `duration_invalid`
 */
export function milliseconds(duration: Duration, name: string): number {
  // ms throws at an empty string, and answers undefined for what it cannot read.
  const value = typeof duration === "string" && duration !== "" ? ms(duration as ms.StringValue) : duration;
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) {
    throw new GuardError("duration_invalid", `${name} is not a duration: give milliseconds as a number, or a string such as "30s".`);
  }
  return value;
}

// Node's timers count whole milliseconds, and fire at once when they are to wait for longer.
const longestTimer = 2 ** 31 - 1;

/**
 * What a timer can wait: more than 0.
 * @throws GuardError `duration_invalid`
 */
export function waitingTime(duration: Duration, name: string): number {
  const value = milliseconds(duration, name);
  if (value > 0) return Math.min(Math.ceil(value), longestTimer);
  throw new GuardError("duration_invalid", `${name} is 0: give a duration of more than 0, such as "10s".`);
}

/**
 * Refuses a name that is not known, and says the nearest one that is.
 * @throws GuardError `option_unknown`
 */
export function refuseUnknownOptions(given: object, known: readonly string[], where: string): void {
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) {
      throw new GuardError("option_unknown", `${where} has no option "${name}". Did you mean "${nearest(name, known)}"?`);
    }
  }
}

/**
 * Refuses what was written down but is not there, such as a variable of the environment that is not set: left out, it
 * would open what it was meant to close.
 * @throws GuardError `option_undefined`
 */
export function refuseUndefined(given: object, names: readonly string[], where: string): void {
  for (const name of names) {
    if (Object.hasOwn(given, name) && (given as Record<string, unknown>)[name] === undefined) {
      throw new GuardError("option_undefined", `${where} was given ${name}: undefined. Give it a value, or leave it out if it is meant to be absent.`);
    }
  }
}

function nearest(name: string, known: readonly string[]): string {
  const distance = (candidate: string) => leven(name.toLowerCase(), candidate.toLowerCase());
  return known.reduce((best, candidate) => (distance(candidate) < distance(best) ? candidate : best));
}
