/** The options of `userFile()`. */
import { basename, extname, resolve } from "node:path";
import { duration, errorListener, milliseconds, optional, readOptionsBy, wholeNumber, type Duration, type ReadBy, type Reader } from "../configuration.js";
import { GuardError } from "../guard-error.js";

/** The options of userFile(). */
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

const formats = new Map<string, Format>([[".json", "json"], [".yaml", "yaml"], [".yml", "yaml"]]);

// Revocations are kept this long.
const maxSessionLifetime = 90 * 86_400_000;

const table = {
  path: readPath,
  roles: optional(readRoles),
  sessionLifetime: readSessionLifetime,
  concurrency: wholeNumber(1, 64, 2),
  queue: wholeNumber(0, 65_536, 64),
  pollInterval: duration("5s"),
  onError: optional(errorListener<GuardError>()),
} satisfies Record<keyof UserFileOptions, Reader<unknown>>;

export type UserFileConfig = ReadBy<typeof table>;

/** @throws GuardError `option_unknown`, `option_invalid` */
export function readUserFileOptions(options: unknown): UserFileConfig {
  return readOptionsBy(table, options, { where: "userFile()" });
}

/** The absolute path, the name of the file for messages, and its format. */
function readPath(path: unknown): { readonly absolute: string; readonly name: string; readonly format: Format } {
  const format = typeof path === "string" ? formats.get(extname(path).toLowerCase()) : undefined;
  if (typeof path !== "string" || path.includes("\0") || format === undefined) {
    throw new GuardError("option_invalid", "`path` must be the path of a .json, .yaml or .yml file. The extension says how it is read.");
  }
  return { absolute: resolve(path), name: basename(path), format };
}

function readRoles(roles: unknown): readonly string[] {
  if (Array.isArray(roles) && roles.length > 0 && roles.every((name) => typeof name === "string" && name !== "")) return Object.freeze([...roles as string[]]);
  throw new GuardError("option_invalid", '`roles` must be a list of names, such as ["member", "admin"]. Leave it out to allow any role.');
}

function readSessionLifetime(given: unknown, name: string): number {
  const lifetime = milliseconds(given ?? "12h", name);
  if (lifetime > 0 && lifetime <= maxSessionLifetime) return lifetime;
  throw new GuardError("option_invalid", '`sessionLifetime` must be more than 0 and at most 90 days, such as "12h".');
}
