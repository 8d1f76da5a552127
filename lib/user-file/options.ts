/** The options of `userFile` -> what it runs with. */
import { basename, extname, resolve } from "node:path";
import { milliseconds, refuseUnknownOptions, waitingTime, type Duration } from "../configuration.js";
import { GuardError } from "../guard-error.js";

export interface UserFileOptions<Role extends string = string> {
  /** A file that ends with `.json`, `.yaml` or `.yml`, of at most 1 MiB; from the working directory at the start if it is relative. */
  readonly path: string;
  /** The roles that there are: another one in the file is a mistake. @default every name */
  readonly roles?: readonly Role[];
  /** How long a session lasts until the password must be shown again; at most 90 days. @default "12h" */
  readonly sessionLifetime?: Duration;
  /** How many passwords are verified at once, each on a thread of Node's pool, which has 4 for everything. @default 2 */
  readonly concurrency?: number;
  /** How many logins may wait for that; more are refused as `rate_limited`. @default 64 */
  readonly queue?: number;
  /** How often the file is looked at, besides being watched: not every file system tells of changes. @default "5s" */
  readonly every?: Duration;
  /** Hears each read that failed; the users stay as they were. @default a process warning for the first of several in a row */
  readonly failed?: (error: GuardError) => void;
}

export type Format = "json" | "yaml";

export interface UserFileConfig {
  readonly path: string;
  /** For sentences. */
  readonly file: string;
  readonly format: Format;
  readonly roles: readonly string[] | undefined;
  /** Milliseconds, as `every`. */
  readonly sessionLifetime: number;
  readonly concurrency: number;
  readonly queue: number;
  readonly every: number;
  readonly failed: ((error: GuardError) => void) | undefined;
}

const optionNames = ["path", "roles", "sessionLifetime", "concurrency", "queue", "every", "failed"] as const satisfies readonly (keyof UserFileOptions)[];
const formats = new Map<string, Format>([[".json", "json"], [".yaml", "yaml"], [".yml", "yaml"]]);

type Given = Partial<Record<(typeof optionNames)[number], unknown>>;

/** @throws GuardError `option_unknown`, `option_invalid`, `duration_invalid` */
export function readUserFileOptions(options: unknown): UserFileConfig {
  if (typeof options !== "object" || options === null) throw new GuardError("option_invalid", 'userFile() takes an object of options: write userFile({ path: "users.yaml" }).');
  refuseUnknownOptions(options, optionNames, "userFile()");
  const given = options as Given;
  return Object.freeze({
    ...readPath(given.path),
    roles: readRoles(given.roles),
    sessionLifetime: readSessionFor((given.sessionLifetime ?? "12h") as Duration),
    concurrency: readCount(given.concurrency ?? 2, "concurrency", 1, 64),
    queue: readCount(given.queue ?? 64, "queue", 0, 65_536),
    every: waitingTime((given.every ?? "5s") as Duration, "The every of userFile()"),
    failed: readFailed(given.failed),
  });
}

function readPath(path: unknown): Pick<UserFileConfig, "path" | "file" | "format"> {
  const format = typeof path === "string" ? formats.get(extname(path).toLowerCase()) : undefined;
  if (typeof path !== "string" || path.includes("\0") || format === undefined) {
    throw new GuardError("option_invalid", "The path of userFile() is not that of a .json, .yaml or .yml file: its ending says how it is read.");
  }
  return { path: resolve(path), file: basename(path), format };
}

function readRoles(roles: unknown): readonly string[] | undefined {
  if (roles === undefined) return undefined;
  if (Array.isArray(roles) && roles.length > 0 && roles.every((name) => typeof name === "string" && name !== "")) return Object.freeze([...roles as string[]]);
  throw new GuardError("option_invalid", 'The roles of userFile() are no list of names: give such as ["member", "admin"], or leave it out to take every name.');
}

// For so long revocations are kept.
const longestSession = 90 * 86_400_000;

function readSessionFor(given: Duration): number {
  const sessionLifetime = milliseconds(given, "The sessionLifetime of userFile()");
  if (sessionLifetime > 0 && sessionLifetime <= longestSession) return sessionLifetime;
  throw new GuardError("duration_invalid", 'The sessionLifetime of userFile() is not more than 0 and at most 90 days: give such as "12h".');
}

function readCount(given: unknown, name: string, least: number, most: number): number {
  if (typeof given === "number" && Number.isInteger(given) && given >= least && given <= most) return given;
  throw new GuardError("option_invalid", `The ${name} of userFile() is not a whole number from ${least} to ${most}.`);
}

function readFailed(failed: unknown): UserFileConfig["failed"] {
  if (failed === undefined || typeof failed === "function") return failed as UserFileConfig["failed"];
  throw new GuardError("option_invalid", "The failed of userFile() is no function: give one, such as (error) => log(error.message).");
}
