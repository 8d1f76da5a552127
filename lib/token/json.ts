/**
 * Parses JSON that a stranger has sent: nested at most 32 deep, and without a name twice in one object. `JSON.parse` keeps the
 * last of two equal names and other parsers the first, so two readers would see different claims (RFC 8259, section 4;
 * RFC 7515, section 4; RFC 7519, section 4).
 */
import { attempt } from "../callbacks.js";
import { isNestedDeeper } from "../nesting.js";
import { type Refusal, refuse } from "../refusal.js";

export const maxDepth = 32;

export type JsonObject = Record<string, unknown>;

const notJson = refuse("token_malformed", { reason: "a part of it is not JSON" });
const notAnObject = refuse("token_malformed", { reason: "its header or payload is not a JSON object" });
const jsonTooDeep = refuse("token_malformed", { reason: `its JSON is nested deeper than ${maxDepth}` });
const nameTwice = refuse("token_malformed", { reason: "its JSON has the same name twice in one object" });

/** The object that the text holds. Members named `__proto__` are removed at every depth, so that no copy of the claims changes a prototype. */
export function parseObject(text: string): JsonObject | Refusal {
  const value = attempt(() => JSON.parse(text) as unknown);
  if (value === undefined) return notJson;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return notAnObject;
  if (isNestedDeeper(value, maxDepth)) return jsonTooDeep;
  // Two equal names become one member, however they are escaped. Then the object has fewer members than the text.
  if (countColons(text) !== countMembers(value)) return nameTwice;
  return value as JsonObject;
}

const quote = 0x22, backslash = 0x5c, colon = 0x3a;

/** The text is known to be JSON: outside of strings, each colon is one member. Every handshake pays for this: a loop takes less time than a regular expression. */
function countColons(text: string): number {
  let colons = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === quote) at = endOfString(text, at);
    else if (character === colon) colons++;
  }
  return colons;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (let character = text.charCodeAt(at); character !== quote; character = text.charCodeAt(at)) {
    at += character === backslash ? 2 : 1;
  }
  return at;
}

function countMembers(value: object): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countInside(item), 0);
  let members = 0;
  for (const member of Object.values(value)) members += 1 + countInside(member);
  if (Object.hasOwn(value, "__proto__")) delete (value as JsonObject)["__proto__"];
  return members;
}

function countInside(value: unknown): number {
  return typeof value === "object" && value !== null ? countMembers(value) : 0;
}
