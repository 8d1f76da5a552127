/** The options of `userFile()`. */
import { basename, extname, resolve } from "node:path";
import { milliseconds, refuseUnknownOptions, waitingTime, type Duration } from "../configuration.js";
import { GuardError } from "../guard-error.js";

export interface UserFileOptions<Role extends string = string> {
  /** A `.json`, `.yaml` or `.yml` file of at most 1 MiB. A relative path is resolved once, from the working directory. */
  readonly path: string;
  /** The roles that users may have. Another role in the file is a mistake. @default any role */
  readonly roles?: readonly Role[];
  /** How long a session lasts before the user must log in again, at most 90 days. @default "12h" */
  readonly sessionLifetime?: Duration;
  /** How many passwords are verified at once, each on one of the 4 threads that Node uses for such work. @default 2 */
  readonly concurrency?: number;
  /** How many logins may wait for that. Further ones are refused as `rate_limited`. @default 64 */
  readonly queue?: number;
  /** How often the file is checked for changes. @default "5s" */
  readonly pollInterval?: Duration;
  /** Called with each read that failed; the users stay as they were. @default one process warning when reads begin to fail, and one when they succeed again */
  readonly onError?: (error: GuardError) => void;
}

export type Format = "json" | "yaml";

export interface UserFileConfig {
  readonly path: string;
  /** The file's name, for messages. */
  readonly file: string;
  readonly format: Format;
  readonly roles: readonly string[] | undefined;
  /** Milliseconds, as is `pollInterval`. */
  readonly sessionLifetime: number;
  readonly concurrency: number;
  readonly queue: number;
  readonly pollInterval: number;
  readonly onError: ((error: GuardError) => void) | undefined;
}

const optionNames = ["path", "roles", "sessionLifetime", "concurrency", "queue", "pollInterval", "onError"] as const satisfies readonly (keyof UserFileOptions)[];
const formats = new Map<string, Format>([[".json", "json"], [".yaml", "yaml"], [".yml", "yaml"]]);

type Given = Partial<Record<(typeof optionNames)[number], unknown>>;

/** @throws GuardError `option_unknown`, `option_invalid` */
export function readUserFileOptions(options: unknown): UserFileConfig {
  if (typeof options !== "object" || options === null) throw new GuardError("option_invalid", 'userFile() needs an object of options, such as userFile({ path: "users.yaml" }).');
  refuseUnknownOptions(options, optionNames, "userFile()");
  const given = options as Given;
  return Object.freeze({
    ...readPath(given.path),
    roles: readRoles(given.roles),
    sessionLifetime: readSessionLifetime((given.sessionLifetime ?? "12h") as Duration),
    concurrency: readCount(given.concurrency ?? 2, "concurrency", 1, 64),
    queue: readCount(given.queue ?? 64, "queue", 0, 65_536),
    pollInterval: waitingTime((given.pollInterval ?? "5s") as Duration, "`pollInterval` of userFile()"),
    onError: readOnError(given.onError),
  });
}

function readPath(path: unknown): Pick<UserFileConfig, "path" | "file" | "format"> {
  const format = typeof path === "string" ? formats.get(extname(path).toLowerCase()) : undefined;
  if (typeof path !== "string" || path.includes("\0") || format === undefined) {
    throw new GuardError("option_invalid", "`path` of userFile() must be the path of a .json, .yaml or .yml file. The extension says how it is read.");
  }
  return { path: resolve(path), file: basename(path), format };
}

function readRoles(roles: unknown): readonly string[] | undefined {
  if (roles === undefined) return undefined;
  if (Array.isArray(roles) && roles.length > 0 && roles.every((name) => typeof name === "string" && name !== "")) return Object.freeze([...roles as string[]]);
  throw new GuardError("option_invalid", '`roles` of userFile() must be a list of names, such as ["member", "admin"]. Leave it out to allow any role.');
}

// Revocations are kept this long.
const maxSessionLifetime = 90 * 86_400_000;

function readSessionLifetime(given: Duration): number {
  const sessionLifetime = milliseconds(given, "`sessionLifetime` of userFile()");
  if (sessionLifetime > 0 && sessionLifetime <= maxSessionLifetime) return sessionLifetime;
  throw new GuardError("option_invalid", '`sessionLifetime` of userFile() must be more than 0 and at most 90 days, such as "12h".');
}

function readCount(given: unknown, name: string, min: number, max: number): number {
  if (typeof given === "number" && Number.isInteger(given) && given >= min && given <= max) return given;
  throw new GuardError("option_invalid", `\`${name}\` of userFile() must be a whole number from ${min} to ${max}.`);
}

function readOnError(onError: unknown): UserFileConfig["onError"] {
  if (onError === undefined || typeof onError === "function") return onError as UserFileConfig["onError"];
  throw new GuardError("option_invalid", "`onError` of userFile() must be a function (error) => void.");
}
