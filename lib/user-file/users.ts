/** The value of a user file -> its users. Whatever is not as it should be makes the whole file invalid. */
import { refuseUnknownOptions } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { PasswordHash } from "./password-hash.js";
import { plainCopy } from "./plain-copy.js";

export interface User {
  readonly username: string;
  readonly subject: string;
  readonly claims: { readonly sub: string; readonly username: string; readonly roles: readonly string[] };
  readonly clientData: unknown;
  readonly serverData: unknown;
  readonly hash: PasswordHash;
}

export type Users = ReadonlyMap<string, User>;

/** Who there is now. */
export interface KnownUsers {
  readonly users: Users;
  /** The same, in the order of the file. */
  readonly everybody: readonly User[];
}

export const longestUsername = 256;
const longestSubject = 1_024;
const fields = ["password", "roles", "id", "clientData", "serverData"];

/** @throws GuardError `user_file_invalid`, `option_unknown`, `package_missing`, `package_broken` */
export function readUsers(value: unknown, roles: readonly string[] | undefined): Users {
  if (!isMap(value)) throw new GuardError("user_file_invalid", "it is no map of users by their usernames.");
  const users = Object.entries(value).map(([username, entry]) => readUser(username, entry, roles));
  refuseSharedSubjects(users);
  return new Map(users.map((user) => [user.username, user]));
}

function readUser(username: string, entry: unknown, roles: readonly string[] | undefined): User {
  if (username === "" || username.length > longestUsername || username === "__proto__") {
    throw new GuardError("user_file_invalid", `a username is not 1 to ${longestUsername} characters, or is __proto__.`);
  }
  const who = `the user ${JSON.stringify(username)}`;
  if (!isMap(entry)) throw new GuardError("user_file_invalid", `${who} is no map: write { password: a hash, roles: [...] }.`);
  refuseUnknownFields(entry, who);
  const { clientData, serverData } = entry;
  const subject = readId(entry["id"] ?? username, who);
  return Object.freeze({
    username,
    subject,
    claims: Object.freeze({ sub: subject, username, roles: readRoles(entry["roles"] ?? [], roles, who) }),
    clientData: plainCopy(clientData ?? undefined, `the clientData of ${who}`),
    serverData: plainCopy(serverData ?? undefined, `the serverData of ${who}`),
    hash: readHash(entry["password"], who),
  });
}

function refuseUnknownFields(entry: object, who: string): void {
  // In YAML's { } a comma ends a hash that is not quoted, and its rest would be a name: not one to repeat.
  if (Object.keys(entry).some((name) => /[^\w-]/.test(name))) {
    throw new GuardError("user_file_invalid", `${who} has something that is no name of a field: put the hash in quotes.`);
  }
  refuseUnknownOptions(entry, fields, who);
}

function readId(id: unknown, who: string): string {
  if (typeof id === "string" && id !== "" && id.length <= longestSubject) return id;
  throw new GuardError("user_file_invalid", `the id of ${who} is no text of 1 to ${longestSubject} characters: write it in quotes.`);
}

function readRoles(held: unknown, known: readonly string[] | undefined, who: string): readonly string[] {
  if (!Array.isArray(held) || !held.every((name): name is string => typeof name === "string" && name !== "")) {
    throw new GuardError("user_file_invalid", `the roles of ${who} are no list of names: write such as [member, admin].`);
  }
  const unknown = known && held.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new GuardError("user_file_invalid", `${who} has the role ${JSON.stringify(unknown)}, which is none of ${known!.join(", ")}.`);
  return Object.freeze([...held]);
}

function readHash(password: unknown, who: string): PasswordHash {
  try {
    return new PasswordHash(password);
  } catch (error) {
    if (error instanceof GuardError && error.code === "user_file_invalid") throw new GuardError(error.code, `${who} ${error.message}.`);
    throw error;
  }
}

/** Two users with one subject would be one for rules and revocations: more likely a copied line. */
function refuseSharedSubjects(users: readonly User[]): void {
  const seen = new Map<string, User>();
  for (const user of users) {
    const other = seen.get(user.subject);
    if (other !== undefined) throw new GuardError("user_file_invalid", `the users ${JSON.stringify(other.username)} and ${JSON.stringify(user.username)} have the same id: give each its own.`);
    seen.set(user.subject, user);
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
}
