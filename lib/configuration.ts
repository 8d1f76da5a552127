/** How options are read: each kind of option is a reader, which checks a value and fills in the default. */
import leven from "leven";
import ms from "ms";
import { GuardError } from "./guard-error.js";

/** The units of `ms`. */
type Unit =
  | "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" | "s" | "sec" | "secs" | "second" | "seconds"
  | "m" | "min" | "mins" | "minute" | "minutes" | "h" | "hr" | "hrs" | "hour" | "hours"
  | "d" | "day" | "days" | "w" | "week" | "weeks" | "y" | "yr" | "yrs" | "year" | "years";

/** As `ms` reads them: `"30s"`, `"30 Seconds"` or `"30 SECONDS"`. */
type UnitInAnyCase = Unit | Capitalize<Unit> | Uppercase<Unit>;

/**
 * A number of milliseconds, or a string with a unit such as `"500ms"`, `"30s"`, `"10 minutes"`, `"2h"` or `"90d"`.
 * Write an environment variable as `process.env.TIMEOUT as Duration`: the guard checks it when the server starts.
 */
export type Duration = number | `${number}` | `${number}${UnitInAnyCase}` | `${number} ${UnitInAnyCase}`;

/**
 * Converts a duration to milliseconds: a finite number of 0 or more.
 * @throws GuardError `option_invalid`
 */
export function milliseconds(given: unknown, name: string): number {
  // ms throws for an empty string, and returns undefined for a string that it cannot read.
  const value = typeof given === "string" && given !== "" ? ms(given as ms.StringValue) : given;
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) {
    throw new GuardError("option_invalid", `\`${name}\` must be a duration: a number of milliseconds, or a string such as "30s".`);
  }
  return value;
}

/** Checks the value of an option and returns what the guard works with. `name` is the option's name in errors. */
export type Reader<Value> = (given: unknown, name: string) => Value;

type Readers = Readonly<Record<string, Reader<unknown>>>;

/** What a table of readers returns. */
export type ReadBy<Table extends Readers> = { readonly [Name in keyof Table]: ReturnType<Table[Name]> };

/** What `readOptionsBy` takes besides the table and the options. */
interface OptionsContext {
  /** What takes the options, for errors. */
  readonly where: string;
  /** Options that may be left out, but must not be undefined: see `refuseUndefined`. */
  readonly notUndefined?: readonly string[];
  /** The name of the option that holds these, if one does. */
  readonly within?: string;
}

/**
 * Reads each option with its reader, and refuses options that have none.
 * @throws GuardError `option_invalid`, `option_unknown`, `option_undefined`, and the errors of the readers
 */
export function readOptionsBy<Table extends Readers>(table: Table, given: unknown, { where, notUndefined = [], within }: OptionsContext): ReadBy<Table> {
  const names = Object.keys(table);
  if (typeof given !== "object" || given === null) {
    throw new GuardError("option_invalid", `${where} takes an object with the options ${listed(names.map((name) => `\`${name}\``), "and")}.`);
  }
  refuseUnknownOptions(given, names, where);
  refuseUndefined(given, notUndefined, where);
  const read = ([name, reader]: [string, Reader<unknown>]) =>
    [name, reader((given as Record<string, unknown>)[name], within === undefined ? name : `${within}.${name}`)];
  return Object.freeze(Object.fromEntries(Object.entries(table).map(read))) as ReadBy<Table>;
}

// Node's timers count whole milliseconds, and fire at once if they are set to more than this.
const longestTimer = 2 ** 31 - 1;

/** A duration that a timer can wait for: whole milliseconds, more than 0. */
export function duration(fallback: Duration): Reader<number> {
  return (given, name) => {
    const value = milliseconds(given ?? fallback, name);
    if (value > 0) return Math.min(Math.ceil(value), longestTimer);
    throw new GuardError("option_invalid", `\`${name}\` must be longer than 0: write a duration such as "10s".`);
  };
}

/** A whole number. Without a fallback the option is required. */
export function wholeNumber(least: number, most: number, fallback?: number): Reader<number> {
  return (given = fallback, name) => {
    if (typeof given === "number" && Number.isInteger(given) && given >= least && given <= most) return given;
    throw new GuardError("option_invalid", `\`${name}\` must be a whole number from ${least} to ${most}.`);
  };
}

/** One of these values; the first is the default. */
export function oneOf<const Value>(...values: readonly [Value, ...Value[]]): Reader<Value> {
  return (given = values[0], name) => {
    if ((values as readonly unknown[]).includes(given)) return given as Value;
    throw new GuardError("option_invalid", `\`${name}\` must be ${listed(values.map((value) => JSON.stringify(value)), "or")}.`);
  };
}

/** A function. `purpose` completes its error. */
export function callback<Callback>(purpose: string): Reader<Callback> {
  return (given, name) => {
    if (typeof given === "function") return given as Callback;
    throw new GuardError("option_invalid", `\`${name}\` must be a function ${purpose}.`);
  };
}

/** A function that is called with errors. */
export function errorListener<Failure>(): Reader<(error: Failure) => void> {
  return callback("such as (error) => console.error(error)");
}

/** An object of options. */
export function group<Table extends Readers>(table: Table): Reader<ReadBy<Table>> {
  return (given = {}, name) => readOptionsBy(table, given, { where: `\`${name}\``, within: name });
}

/** An option that is undefined if it is left out. */
export function optional<Value>(reader: Reader<Value>): Reader<Value | undefined> {
  return withDefault<Value | undefined>(undefined, reader);
}

export function withDefault<Value>(fallback: Value, reader: Reader<Value>): Reader<Value> {
  return (given, name) => (given === undefined ? fallback : reader(given, name));
}

/**
 * Refuses an option that does not exist, and suggests the nearest one that does.
 * @throws GuardError `option_unknown`
 */
export function refuseUnknownOptions(given: object, known: readonly string[], where: string): void {
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) {
      throw new GuardError("option_unknown", `${where} has no option \`${name}\`. Did you mean \`${nearest(name, known)}\`?`);
    }
  }
}

/**
 * Refuses an option that is written down but undefined, such as an environment variable that is not set. If it were
 * treated as left out, it would open what it was meant to close.
 * @throws GuardError `option_undefined`
 */
export function refuseUndefined(given: object, names: readonly string[], where: string): void {
  for (const name of names) {
    if (Object.hasOwn(given, name) && (given as Record<string, unknown>)[name] === undefined) {
      throw new GuardError("option_undefined", `${where} was given \`${name}: undefined\`. Give \`${name}\` a value, or leave it out.`);
    }
  }
}

function nearest(name: string, known: readonly string[]): string {
  const distance = (candidate: string) => leven(name.toLowerCase(), candidate.toLowerCase());
  return known.reduce((best, candidate) => (distance(candidate) < distance(best) ? candidate : best));
}

function listed(words: readonly string[], last: "and" | "or"): string {
  return `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}
