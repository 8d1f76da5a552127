/** Reads what an endpoint answered: nothing, a user id, or `{ id, clientData, serverData, expiresIn, claims }`. */
import { maxClaimLength, visibleClaims } from "../token/claims.js";
import { freezeDeeply } from "../token/freeze.js";
import { parseObject, type JsonObject } from "../token/json.js";
import { Refusal } from "../refusal.js";
import type { ClaimsSchema } from "../token/options.js";
import { endpointErrors } from "./endpoint-error.js";

export interface Answer {
  readonly text: string;
  readonly contentType: string | null;
}

/** The user that an endpoint named, or a guest. It is deeply frozen, because many sessions share it. */
export interface EndpointResult {
  /** Undefined for a guest. */
  readonly subject: string | undefined;
  readonly claims: object;
  readonly clientData: unknown;
  readonly serverData: unknown;
  /** Milliseconds from the answer on; `Infinity` if it names no end. */
  readonly expiresIn: number;
}

/** @throws GuardError `endpoint_answer_invalid`, and `claims_async` or `claims_output_invalid` of the schema */
export function readResult({ text, contentType }: Answer, schema: ClaimsSchema | undefined): EndpointResult {
  const written = text.trim();
  if (written === "") return resultOf({}, schema);
  const type = (contentType ?? "").split(";", 1)[0]!.trim().toLowerCase();
  // An HTML page that says "welcome" is not the name of a user.
  if (!/^(?:|text\/plain|application\/(?:.+\+)?json)$/.test(type)) throw endpointErrors.invalid("it is neither JSON nor text/plain");
  if (written.startsWith("{") || written.startsWith("[")) return resultOf(parse(written), schema);
  return resultOf({ id: written.startsWith("\"") || type.endsWith("json") ? parseString(written) : written }, schema);
}

function resultOf(body: JsonObject, schema: ClaimsSchema | undefined): EndpointResult {
  const { clientData, serverData, expiresIn = Infinity, claims } = body;
  // deepstream calls the id `username`.
  const subject = body["id"] === undefined ? body["username"] : body["id"];
  if (subject !== undefined && !isId(subject)) throw endpointErrors.invalid(`its id is not a string of 1 to ${maxClaimLength} characters without control characters`);
  if (typeof expiresIn !== "number" || !(expiresIn > 0)) throw endpointErrors.invalid("its expiresIn is not a number of milliseconds above 0");
  if (claims !== undefined && !isObject(claims)) throw endpointErrors.invalid("its claims are not an object");
  if (claims !== undefined && subject === undefined) throw endpointErrors.invalid("it has claims but no id");
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
  if (claims instanceof Refusal) throw endpointErrors.invalid("its claims do not fit the schema");
  return claims;
}

function parse(text: string): JsonObject {
  const body = parseObject(text);
  if (body instanceof Refusal) throw endpointErrors.invalid("it is not a JSON object, has the same name twice in one object, or is nested deeper than 32");
  return body;
}

function parseString(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    // JSON's null counts as an empty body.
    return value === null ? undefined : value;
  } catch {
    throw endpointErrors.invalid("it is not JSON");
  }
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "" && value.length <= maxClaimLength && !/\p{Cc}/u.test(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
