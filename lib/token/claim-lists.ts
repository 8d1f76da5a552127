/** The `roles` and `scopes` options of `jwt()`: where a token lists what its user may do. */
import type { Reader } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { Refusal, refuse } from "../refusal.js";
import { freezeDeeply } from "./freeze.js";
import { type SignedClaims, answerOf } from "./host-function.js";
import type { JsonObject } from "./json.js";

/**
 * Where a token holds a list: the path of a claim with dots between the names, such as `"realm_access.roles"`; the names
 * themselves, such as `["https://acme.com/roles"]`, if one of them has a dot; or a function that returns the list.
 */
export type ClaimList = string | readonly string[] | ((claims: SignedClaims) => readonly string[]);

/** Reads the list of one option from a payload. */
export type ListReader = (payload: JsonObject) => readonly string[] | Refusal;

/** A claim that is text is one role, or scopes with spaces between them (RFC 8693, section 4.2). */
export const rolesReader = listReader((text) => [text]);
export const scopesReader = listReader((text) => text.split(" "));

/** The lists that the host wants. Undefined if it wants none. */
export function readLists(payload: JsonObject, readers: { readonly roles: ListReader | undefined; readonly scopes: ListReader | undefined }): object | Refusal | undefined {
  if (readers.roles === undefined && readers.scopes === undefined) return undefined;
  const roles = readers.roles?.(payload);
  if (roles instanceof Refusal) return roles;
  const scopes = readers.scopes?.(payload);
  if (scopes instanceof Refusal) return scopes;
  return { ...(roles && { roles }), ...(scopes && { scopes }) };
}

function listReader(split: (text: string) => readonly string[]): Reader<ListReader> {
  return (given, option) => {
    const find = finder(given, option);
    const wrong = refuse("token_invalid", { reason: `what \`${option}\` reads of it is neither a string nor a list of strings` });
    return (payload) => {
      const value = find(payload);
      if (value instanceof Refusal) return value;
      // Without the claim, its user has no role.
      if (value === undefined || value === null) return [];
      if (typeof value === "string") return split(value);
      return Array.isArray(value) && value.every((one) => typeof one === "string") ? [...value] : wrong;
    };
  };
}

function finder(given: unknown, option: string): (payload: JsonObject) => unknown {
  if (typeof given === "function") {
    return (payload) => answerOf(option, () => (given as (claims: SignedClaims) => unknown)(freezeDeeply(payload)));
  }
  const path: unknown = typeof given === "string" ? given.split(".") : given;
  if (typeof given === "string" && given.includes("://")) {
    throw new GuardError("option_invalid", `\`${option}\` is a URL, and the dots of a path separate names. Write it as a list: ${option}: [${JSON.stringify(given)}].`);
  }
  if (!Array.isArray(path) || path.length === 0 || !path.every((name) => typeof name === "string" && name !== "")) {
    throw new GuardError("option_invalid", `\`${option}\` must be the path of a claim, such as "realm_access.roles", a list of its names, or a function (claims) that returns a list of strings.`);
  }
  const names = [...path as string[]];
  return (payload) => names.reduce<unknown>(memberOf, payload);
}

/** Only own members of objects count: an inherited one is not a claim. */
function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined;
}
