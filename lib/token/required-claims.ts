/** The `require` option of `jwt()`: claims that a token must have, and the values that each may have. */
import { refuseUndefined } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { type Refusal, refuse } from "../refusal.js";
import type { JsonObject } from "./json.js";

/** What a required claim may be. */
type ClaimValue = string | number | boolean;

/** The value of each claim, or a list of the values that it may have. */
export type RequiredClaims = Readonly<Record<string, ClaimValue | readonly ClaimValue[]>>;

type Requirement = readonly [name: string, wanted: readonly ClaimValue[]];

/** @throws GuardError `option_invalid`, `option_undefined` */
export function readRequired(given: unknown): readonly Requirement[] {
  if (typeof given !== "object" || given === null || Array.isArray(given) || Object.keys(given).length === 0) refuseForm();
  refuseUndefined(given, Object.keys(given), "`require`");
  return Object.entries(given).map(([name, value]: [string, unknown]) => {
    const wanted: readonly unknown[] = Array.isArray(value) ? [...value as unknown[]] : [value];
    if (wanted.length === 0 || !wanted.every(isClaimValue)) refuseForm();
    return [name, wanted];
  });
}

/** Why the payload does not have the claims that are required. Undefined if it has. */
export function missingClaim(payload: JsonObject, required: readonly Requirement[]): Refusal | undefined {
  for (const [name, wanted] of required) {
    const got = Object.hasOwn(payload, name) ? payload[name] : undefined;
    // A list must hold one of the values, as `aud` must.
    if (!(Array.isArray(got) ? got : [got]).some((one) => wanted.includes(one as ClaimValue))) return wrongClaim(name, got, wanted);
  }
  return undefined;
}

/** A refusal that shows what a claim is and what it should be. The signature was verified, so only the issuer can have chosen the text. */
export function wrongClaim(name: string, got: unknown, wanted: readonly ClaimValue[]): Refusal {
  const is = got === undefined ? "missing" : `wrong: got ${shown(got)}`;
  return refuse("token_invalid", { reason: `its \`${name}\` is ${is}, wanted ${wanted.map(shown).join(" or ")}${slashHint(got, wanted)}` });
}

/** A slash at the end of an issuer is easily overlooked. */
export function slashHint(got: unknown, wanted: readonly unknown[]): string {
  if (typeof got !== "string") return "";
  if (wanted.includes(`${got}/`)) return " (a slash is missing at its end)";
  return got.endsWith("/") && wanted.includes(got.slice(0, -1)) ? " (it has a slash too many at its end)" : "";
}

function isClaimValue(value: unknown): value is ClaimValue {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

function refuseForm(): never {
  throw new GuardError("option_invalid", "`require` must be an object that names claims, each with a value or a list of values: write require: { token_use: \"access\" }.");
}
