/** What a new key is to be -> what its record says, or why not. */
import { refuseUndefined, refuseUnknownOptions } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import type { ApiKeyRecord } from "./record.js";

/** A key that is to be made. */
export interface NewApiKey {
  /** For people, such as "deploy bot": 1 to 256 characters. */
  readonly name: string;
  /** Whom it speaks for: 1 to 1,024 characters. */
  readonly subject: string;
  /** What `scope(...)` in rules looks for: at most 100 names of at most 256 printable ASCII characters without spaces, `"` and `\`. @default none */
  readonly scopes?: readonly string[];
  /** A Date or epoch milliseconds, in the future. @default it holds until it is revoked */
  readonly expiresAt?: Date | number;
}

// RFC 6749, section 3.3.
const scopeName = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/;
const mostScopes = 100;

/** @throws GuardError `api_key_invalid`, `option_unknown`, `option_undefined` */
export function readWish(wish: unknown, now: number): Pick<ApiKeyRecord, "name" | "subject" | "scopes" | "expiresAt"> {
  if (typeof wish !== "object" || wish === null) throw invalid("create takes an object: give at least { name, subject }.");
  refuseUnknownOptions(wish, ["name", "subject", "scopes", "expiresAt"], "create");
  refuseUndefined(wish, ["scopes", "expiresAt"], "create");
  const { name, subject, scopes, expiresAt } = wish as Partial<Record<keyof NewApiKey, unknown>>;
  return { name: readText(name, "name", 256), subject: readText(subject, "subject", 1_024), scopes: readScopes(scopes ?? []), expiresAt: readEnd(expiresAt, now) };
}

function readText(text: unknown, what: string, longest: number): string {
  if (typeof text === "string" && text !== "" && text.length <= longest) return text;
  throw invalid(`${what} is no string of 1 to ${longest} characters.`);
}

function readScopes(scopes: unknown): readonly string[] {
  const isList = Array.isArray(scopes) && scopes.length <= mostScopes && scopes.every((name) => typeof name === "string" && scopeName.test(name));
  if (isList) return [...new Set(scopes as string[])];
  throw invalid(`scopes is no list of at most ${mostScopes} names such as "orders:read": each is printable ASCII without spaces, quotes and backslashes.`);
}

function readEnd(expiresAt: unknown, now: number): number | null {
  if (expiresAt === undefined) return null;
  const instant = expiresAt instanceof Date || typeof expiresAt === "number" ? Number(expiresAt) : NaN;
  if (Number.isFinite(instant) && instant > now) return instant;
  throw invalid("expiresAt is no instant in the future: give a Date, or epoch milliseconds; leave it out for a key that does not expire.");
}

function invalid(sentence: string): GuardError {
  return new GuardError("api_key_invalid", sentence);
}
