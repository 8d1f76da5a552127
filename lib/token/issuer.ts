/** The `issuer` option of `jwt()`: who may have issued a token. */
import { GuardError } from "../guard-error.js";
import { Refusal, refuse } from "../refusal.js";
import { freezeDeeply } from "./freeze.js";
import { type SignedClaims, answerOf } from "./host-function.js";
import type { JsonObject } from "./json.js";
import { wrongClaim } from "./required-claims.js";

/** Whether this `iss` is trusted. Only `true` accepts the token. */
export type IssuerCheck = (iss: string, claims: SignedClaims) => boolean;

export type Issuer = readonly string[] | IssuerCheck;

const noIssuer = refuse("token_invalid", { reason: "its `iss` is missing" });
const notTrusted = refuse("token_invalid", { reason: "`issuer` did not return true for its `iss`" });

/** Why a token with this `iss` is refused. Undefined if it is not. */
export function refuseIssuer(iss: string | undefined, payload: JsonObject, issuer: Issuer): Refusal | undefined {
  if (typeof issuer !== "function") return iss !== undefined && issuer.includes(iss) ? undefined : wrongClaim("iss", iss, issuer);
  if (iss === undefined) return noIssuer;
  const answer = answerOf("issuer", () => issuer(iss, freezeDeeply(payload)));
  if (answer instanceof Refusal) return answer;
  return answer === true ? undefined : notTrusted;
}

/** @throws GuardError `option_invalid` */
export function readIssuer(given: unknown, name: string): Issuer {
  return typeof given === "function" ? given as IssuerCheck : readNames(given, name);
}

/** @throws GuardError `option_invalid` */
export function readNames(given: unknown, name: string): readonly string[] {
  const names: unknown[] = Array.isArray(given) ? [...given as unknown[]] : [given];
  if (names.length > 0 && names.every((one) => typeof one === "string" && one !== "")) return Object.freeze(names as string[]);
  const orFunction = name === "issuer" ? ", or a function (iss, claims) that returns true for an issuer that you trust" : "";
  throw new GuardError("option_invalid", `\`${name}\` must be a string that is not empty, or a list of such strings${orFunction}.`);
}
