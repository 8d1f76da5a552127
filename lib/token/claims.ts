/** What a payload must say. It is judged only after the signature has been verified. */
import { GuardError } from "../guard-error.js";
import { type Refusal, refuse } from "../refusal.js";
import type { JsonObject } from "./json.js";
import { type ClaimsSchema, type TokenConfig, lastInstant, refusePromise } from "./options.js";

/** The registered claims (RFC 7519, section 4.1). Times are seconds since the epoch, and may have fractions. */
export interface RegisteredClaims {
  readonly iss?: string;
  readonly sub: string;
  readonly aud?: string | readonly string[];
  readonly exp: number;
  readonly nbf?: number;
  readonly iat?: number;
  readonly jti?: string;
}

export const maxClaimLength = 1024;

const names = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"] as const;

const invalid = (reason: string) => refuse("token_invalid", { reason });
const refusals = {
  exp: invalid("its `exp` is missing"),
  instant: invalid(`its \`exp\`, \`nbf\` or \`iat\` is not a number from 0 to ${lastInstant}`),
  text: invalid(`its \`iss\`, \`sub\` or \`jti\` is not a string of 1 to ${maxClaimLength} characters`),
  aud: invalid("its `aud` is neither a string nor a list of strings"),
  issuer: invalid("its `iss` is not the issuer"),
  audience: invalid("its `aud` is not the audience"),
  subject: invalid(`the claim that names its subject is not a string of 1 to ${maxClaimLength} characters`),
  lifetime: invalid("its `exp` is more than `maxLifetime` after its `iat`"),
  age: invalid("its `iat` is missing, which `maxAge` needs"),
  schema: invalid("its claims do not fit the schema"),
} as const satisfies Record<string, Refusal>;

/** The registered claims of a payload, if their types and ranges are right. */
export function readRegistered(payload: JsonObject): Partial<RegisteredClaims> & { readonly exp: number } | Refusal {
  const claims = ownClaims(payload);
  const { exp, nbf, iat, iss, sub, jti, aud } = claims;
  if (exp === undefined) return refusals.exp;
  if (!isInstant(exp) || !(nbf === undefined || isInstant(nbf)) || !(iat === undefined || isInstant(iat))) return refusals.instant;
  if (!(iss === undefined || isText(iss)) || !(sub === undefined || isText(sub)) || !(jti === undefined || isText(jti))) return refusals.text;
  if (aud !== undefined && typeof aud !== "string" && !isStrings(aud)) return refusals.aud;
  return claims as Partial<RegisteredClaims> & { exp: number };
}

/** Why the registered claims do not meet the host's options. Undefined if they do. */
export function judge(claims: Partial<RegisteredClaims> & { readonly exp: number }, config: TokenConfig): Refusal | undefined {
  const { issuers, audiences, maxAge, maxLifetime } = config;
  if (issuers && !(claims.iss !== undefined && issuers.includes(claims.iss))) return refusals.issuer;
  if (audiences && !audienceOf(claims).some((one) => audiences.includes(one))) return refusals.audience;
  if (maxAge !== undefined && claims.iat === undefined) return refusals.age;
  // Rounded to milliseconds, because `exp - iat` of a token that lives for exactly maxLifetime may be a few nanoseconds longer.
  if (claims.iat !== undefined && Math.round((claims.exp - claims.iat) * 1000) > maxLifetime) return refusals.lifetime;
  return undefined;
}

/** The user's id: `sub`, or the claim that the `subject` option names. An integer there is written in decimal. */
export function subjectOf(payload: JsonObject, { subject: name }: TokenConfig): string | Refusal {
  const subject = Object.hasOwn(payload, name) ? payload[name] : undefined;
  if (isText(subject)) return subject;
  return name !== "sub" && Number.isSafeInteger(subject) ? String(subject) : refusals.subject;
}

/**
 * The claims that rules see, deeply frozen: the whole payload, or the output of the schema with the registered claims as they were signed.
 * @throws GuardError `claims_async`, `claims_output_invalid`
 */
export function visibleClaims(payload: JsonObject, registered: object, schema: ClaimsSchema | undefined): object | Refusal {
  if (schema === undefined) return freezeDeeply(payload);
  const answer = schema["~standard"].validate(payload);
  refusePromise(answer);
  if (answer.issues) return refusals.schema;
  if (typeof answer.value !== "object" || answer.value === null) {
    throw new GuardError("claims_output_invalid", "The output of the schema in `claims` is not an object. Give a schema whose output is an object.");
  }
  return freezeDeeply({ ...answer.value, ...registered });
}

function ownClaims(payload: JsonObject): Partial<Record<(typeof names)[number], unknown>> {
  const claims: Partial<Record<(typeof names)[number], unknown>> = {};
  for (const name of names) {
    if (Object.hasOwn(payload, name)) claims[name] = payload[name];
  }
  return claims;
}

function isInstant(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= lastInstant;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= maxClaimLength;
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function audienceOf({ aud }: Partial<RegisteredClaims>): readonly string[] {
  return typeof aud === "string" ? [aud] : aud ?? [];
}

/** Freezes plain objects and lists. An instance of a class that a schema made, such as a Date or a Map, is left as it is. */
export function freezeDeeply<Value>(value: Value, seen?: Set<unknown>): Value {
  if (!isPlain(value) || seen?.has(value) === true) return value;
  let path = seen;
  for (const member of Object.values(value)) {
    // Most claims are flat: only nested ones cost a set.
    if (typeof member === "object" && member !== null) freezeDeeply(member, (path ??= new Set()).add(value));
  }
  return Object.freeze(value);
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Array.isArray(value);
}
