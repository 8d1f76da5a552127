/** What a permitted answer says: nothing, a user's id, or `{ id, clientData, serverData, expiresIn, claims }`. */
import { freezeDeeply, maxClaimLength, visibleClaims } from "../token/claims.js";
import { parseObject, type JsonObject } from "../token/json.js";
import { Refusal } from "../token/refusal.js";
import type { ClaimsSchema } from "../token/rules.js";
import { trouble } from "./trouble.js";

/** What an endpoint said of who asks; without an id it is a guest. Deeply frozen, for many sessions share it. */
export interface Found {
  readonly subject: string | undefined;
  readonly claims: object;
  readonly clientData: unknown;
  readonly serverData: unknown;
  /** Milliseconds from the answer on; `Infinity` if it names no end. */
  readonly expiresIn: number;
}

/** @throws GuardError `endpoint_answer_invalid`, and `claims_async` or `claims_output_invalid` of the schema */
export function readAnswer(text: string, contentType: string | null, schema: ClaimsSchema | undefined): Found {
  const written = text.trim();
  if (written === "") return found({}, schema);
  const type = (contentType ?? "").split(";", 1)[0]!.trim().toLowerCase();
  // A page that says "welcome" is not a user's name.
  if (!/^(?:|text\/plain|application\/(?:.+\+)?json)$/.test(type)) throw trouble.invalid("it is neither JSON nor text/plain");
  if (written.startsWith("{") || written.startsWith("[")) return found(objectOf(written), schema);
  return found({ id: written.startsWith("\"") || type.endsWith("json") ? stringOf(written) : written }, schema);
}

function found(body: JsonObject, schema: ClaimsSchema | undefined): Found {
  const { clientData, serverData, expiresIn = Infinity, claims } = body;
  // The name of it in deepstream.
  const subject = body["id"] === undefined ? body["username"] : body["id"];
  if (subject !== undefined && !isId(subject)) throw trouble.invalid(`its id is not a string of 1 to ${maxClaimLength} characters without control characters`);
  if (typeof expiresIn !== "number" || !(expiresIn > 0)) throw trouble.invalid("its expiresIn is not a number of milliseconds above 0");
  if (claims !== undefined && !isObject(claims)) throw trouble.invalid("its claims are not an object");
  if (claims !== undefined && subject === undefined) throw trouble.invalid("it has claims but no id that they are of");
  return Object.freeze({
    subject,
    claims: subject === undefined ? Object.freeze({}) : claimsOf({ ...claims, sub: subject }, subject, schema),
    clientData: freezeDeeply(clientData),
    serverData: freezeDeeply(serverData),
    expiresIn,
  });
}

function claimsOf(payload: JsonObject, sub: string, schema: ClaimsSchema | undefined): object {
  const claims = visibleClaims(payload, { sub }, schema);
  if (claims instanceof Refusal) throw trouble.invalid("its claims do not fit the schema");
  return claims;
}

function objectOf(text: string): JsonObject {
  const body = parseObject(text);
  if (body instanceof Refusal) throw trouble.invalid("it is no JSON object, has a name twice, or is nested deeper than 32");
  return body;
}

function stringOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    // JSON's null is an empty body too.
    return value === null ? undefined : value;
  } catch {
    throw trouble.invalid("it is not JSON");
  }
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "" && value.length <= maxClaimLength && !/\p{Cc}/u.test(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
