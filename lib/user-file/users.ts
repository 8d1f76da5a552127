/** Reads the users from the value of a user file. A single mistake makes the whole file invalid. */
import { refuseUnknownOptions } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { maxDepth } from "../token/json.js";
import { PasswordHash } from "./password-hash.js";

export interface User {
  readonly username: string;
  readonly subject: string;
  readonly claims: { readonly sub: string; readonly username: string; readonly roles: readonly string[] };
  readonly clientData: unknown;
  readonly serverData: unknown;
  readonly hash: PasswordHash;
}

/** By username. */
export type UsersByName = ReadonlyMap<string, User>;

export const maxUsernameLength = 256;
const maxIdLength = 1_024;
const fields = ["password", "roles", "id", "clientData", "serverData"];

/** @throws GuardError `user_file_invalid`, `option_unknown`, `package_missing`, `package_broken` */
export function readUsers(value: unknown, roles: readonly string[] | undefined): UsersByName {
  if (!isMap(value)) throw new GuardError("user_file_invalid", "it must be a map of usernames to users.");
  const users = Object.entries(value).map(([username, entry]) => readUser(username, entry, roles));
  refuseSharedSubjects(users);
  return new Map(users.map((user) => [user.username, user]));
}

function readUser(username: string, entry: unknown, roles: readonly string[] | undefined): User {
  if (username === "" || username.length > maxUsernameLength || username === "__proto__") {
    throw new GuardError("user_file_invalid", `a username must have 1 to ${maxUsernameLength} characters, and must not be __proto__.`);
  }
  const who = `the user ${JSON.stringify(username)}`;
  if (!isMap(entry)) throw new GuardError("user_file_invalid", `${who} must be a map such as { password: a hash, roles: [...] }.`);
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
  // In YAML's { } a comma ends a hash without quotes, and the rest of the hash becomes a name. It must not be shown.
  if (Object.keys(entry).some((name) => /[^\w-]/.test(name))) {
    throw new GuardError("user_file_invalid", `${who} has a field with an odd name. Put the hash in quotes.`);
  }
  refuseUnknownOptions(entry, fields, who);
}

function readId(id: unknown, who: string): string {
  if (typeof id === "string" && id !== "" && id.length <= maxIdLength) return id;
  throw new GuardError("user_file_invalid", `the id of ${who} must be a string of 1 to ${maxIdLength} characters. Write it in quotes.`);
}

function readRoles(held: unknown, known: readonly string[] | undefined, who: string): readonly string[] {
  if (!Array.isArray(held) || !held.every((name): name is string => typeof name === "string" && name !== "")) {
    throw new GuardError("user_file_invalid", `the roles of ${who} must be a list of names, such as [member, admin].`);
  }
  const unknown = known && held.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new GuardError("user_file_invalid", `${who} has the role ${JSON.stringify(unknown)}, but the declared roles are ${known!.join(", ")}.`);
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

/** Two users with one id would be the same user for rules and revocations. More likely a line was copied. */
function refuseSharedSubjects(users: readonly User[]): void {
  const seen = new Map<string, User>();
  for (const user of users) {
    const other = seen.get(user.subject);
    if (other !== undefined) throw new GuardError("user_file_invalid", `the users ${JSON.stringify(other.username)} and ${JSON.stringify(user.username)} have the same id. Give each its own.`);
    seen.set(user.subject, user);
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
}

/** @throws GuardError `user_file_invalid` */
function plainCopy(value: unknown, what: string, depth = 0): unknown {
  if (value === undefined || value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)) return value;
  if (typeof value !== "object" || depth > maxDepth) throw notPlain(what);
  if (Array.isArray(value)) return Object.freeze(value.map((item) => plainCopy(item, what, depth + 1)));
  // YAML can hold a Date, a Map or bytes. A member named __proto__ would change the prototype of copies.
  if (Object.getPrototypeOf(value) !== Object.prototype || Object.hasOwn(value, "__proto__")) throw notPlain(what);
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plainCopy(member, what, depth + 1)])));
}

function notPlain(what: string): GuardError {
  return new GuardError("user_file_invalid", `${what} must hold only what JSON can hold, nested at most ${maxDepth} deep, and no name __proto__.`);
}
