/** What a payload must say, judged only after its signature held, and the claims that rules and handlers see of it. */
import { GuardError } from "../guard-error.js";
import type { JsonObject } from "./json.js";
import { type Refusal, invalid } from "./refusal.js";
import type { ClaimsSchema, TokenRules } from "./rules.js";

/** The registered claims (RFC 7519, section 4.1). Instants are seconds since the epoch, and may have fractions. */
export interface RegisteredClaims {
  readonly iss?: string;
  readonly sub: string;
  readonly aud?: string | readonly string[];
  readonly exp: number;
  readonly nbf?: number;
  readonly iat?: number;
  readonly jti?: string;
}

/** The last second of the year 9999. */
export const lastInstant = 253_402_300_799;
export const maxClaimLength = 1024;

const registered = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"] as const;

const refusals = {
  exp: invalid("its exp is missing"),
  instant: invalid(`its exp, nbf or iat is not a number from 0 to ${lastInstant}`),
  text: invalid(`its iss, sub or jti is not a string of 1 to ${maxClaimLength} characters`),
  aud: invalid("its aud is neither a string nor a list of strings"),
  issuer: invalid("its iss is not the issuer"),
  audience: invalid("its aud is not the audience"),
  subject: invalid(`the claim that names its subject is not a string of 1 to ${maxClaimLength} characters`),
  lifetime: invalid("its exp is more than maxLifetime after its iat"),
  age: invalid("its iat is missing, which maxAge needs"),
  schema: invalid("its claims do not fit the schema"),
} as const satisfies Record<string, Refusal>;

/** The registered claims, once their types and ranges are known. */
export function readRegistered(payload: JsonObject): Partial<RegisteredClaims> & { readonly exp: number } | Refusal {
  const claims = own(payload);
  const { exp, nbf, iat, iss, sub, jti, aud } = claims;
  if (exp === undefined) return refusals.exp;
  if (![exp, nbf, iat].every((instant) => instant === undefined || isInstant(instant))) return refusals.instant;
  if (![iss, sub, jti].every((text) => text === undefined || isText(text))) return refusals.text;
  if (aud !== undefined && typeof aud !== "string" && !isStrings(aud)) return refusals.aud;
  return claims as Partial<RegisteredClaims> & { exp: number };
}

/** The host's rules on registered claims: nothing, or why they do not hold. */
export function judge(claims: Partial<RegisteredClaims> & { readonly exp: number }, rules: TokenRules): Refusal | undefined {
  if (rules.issuers && !(claims.iss !== undefined && rules.issuers.includes(claims.iss))) return refusals.issuer;
  if (rules.audiences && !audienceOf(claims).some((one) => rules.audiences?.includes(one))) return refusals.audience;
  if (rules.maxAge !== undefined && claims.iat === undefined) return refusals.age;
  // Rounded to milliseconds: `exp - iat` of a token that lives exactly maxLifetime may come out a few nanoseconds longer.
  if (claims.iat !== undefined && Math.round((claims.exp - claims.iat) * 1000) > rules.maxLifetime) return refusals.lifetime;
  return undefined;
}

/** Who the token speaks of: `sub`, or the claim that `subject` names; an integer there is written in decimal. */
export function subjectOf(payload: JsonObject, rules: TokenRules): string | Refusal {
  const subject = Object.hasOwn(payload, rules.subject) ? payload[rules.subject] : undefined;
  if (isText(subject)) return subject;
  return rules.subject !== "sub" && Number.isSafeInteger(subject) ? String(subject) : refusals.subject;
}

/**
 * The claims that rules see, deeply frozen: the whole payload, or the schema's output with the registered claims as they were signed.
 * @throws GuardError `claims_async`, `claims_output_invalid`
 */
export function visibleClaims(payload: JsonObject, registeredClaims: object, schema: ClaimsSchema | undefined): object | Refusal {
  if (schema === undefined) return freezeDeeply(payload);
  const answer = schema["~standard"].validate(payload);
  refusePromise(answer);
  if (answer.issues) return refusals.schema;
  if (typeof answer.value !== "object" || answer.value === null) {
    throw new GuardError("claims_output_invalid", "The claims schema does not answer an object: give one whose output is an object.");
  }
  return freezeDeeply({ ...answer.value, ...registeredClaims });
}

/** @throws GuardError `claims_async` */
export function refusePromise<Answer>(answer: Answer | Promise<Answer>): asserts answer is Answer {
  if (!(answer instanceof Promise)) return;
  answer.catch(() => undefined);
  throw new GuardError("claims_async", "The claims schema answers a promise: give one without asynchronous checks, and ask what must be waited for in findUser.");
}

function own(payload: JsonObject): Partial<Record<(typeof registered)[number], unknown>> {
  const claims: Partial<Record<(typeof registered)[number], unknown>> = {};
  for (const name of registered) {
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

/** Plain objects and lists only: what a schema made of a class (a Date, a Map, bytes) keeps its own ways. */
export function freezeDeeply<Value>(value: Value, seen = new Set<unknown>()): Value {
  if (typeof value !== "object" || value === null || seen.has(value) || !isPlain(value)) return value;
  seen.add(value);
  for (const member of Object.values(value)) freezeDeeply(member, seen);
  return Object.freeze(value);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Array.isArray(value);
}
