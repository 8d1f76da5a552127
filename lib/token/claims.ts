/** What every payload must say, and what rules see of it. It is judged only after the signature has been verified. */
import { GuardError } from "../guard-error.js";
import { type Refusal, refuse } from "../refusal.js";
import { freezeDeeply } from "./freeze.js";
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
  subject: invalid(`the claim that names its subject is not a string of 1 to ${maxClaimLength} characters`),
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

/** The user's id: `sub`, or the claim that the `subject` option names. An integer there is written in decimal. */
export function subjectOf(payload: JsonObject, { subject: name }: TokenConfig): string | Refusal {
  const subject = Object.hasOwn(payload, name) ? payload[name] : undefined;
  if (isText(subject)) return subject;
  return name !== "sub" && Number.isSafeInteger(subject) ? String(subject) : refusals.subject;
}

/**
 * The claims that rules see, deeply frozen: the whole payload, or the output of the schema with the registered claims as they were
 * signed. The lists of the options `roles` and `scopes` are added.
 * @throws GuardError `claims_async`, `claims_output_invalid`
 */
export function visibleClaims(payload: JsonObject, registered: object, schema: ClaimsSchema | undefined, lists?: object): object | Refusal {
  if (schema === undefined) return freezeDeeply(lists === undefined ? payload : { ...payload, ...lists });
  const answer = schema["~standard"].validate(payload);
  refusePromise(answer);
  if (answer.issues) return refusals.schema;
  if (typeof answer.value !== "object" || answer.value === null) {
    throw new GuardError("claims_output_invalid", "The output of the schema in `claims` is not an object. Give a schema whose output is an object.");
  }
  return freezeDeeply({ ...answer.value, ...registered, ...lists });
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
