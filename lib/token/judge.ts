/** Whether the claims of a token meet the options of `jwt()`. They are judged only after the signature has been verified. */
import { type Refusal, refuse } from "../refusal.js";
import type { RegisteredClaims } from "./claims.js";
import { refuseIssuer } from "./issuer.js";
import type { JsonObject } from "./json.js";
import type { TokenConfig } from "./options.js";
import { missingClaim, wrongClaim } from "./required-claims.js";

const invalid = (reason: string) => refuse("token_invalid", { reason });
const lifetime = invalid("its `exp` is more than `maxLifetime` after its `iat`");
const age = invalid("its `iat` is missing, which `maxAge` needs");

type Check = (claims: Partial<RegisteredClaims> & { readonly exp: number }, payload: JsonObject, config: TokenConfig) => Refusal | undefined;

/** What is checked, in this order. `socket.io-guard doctor` shows each check by its name. */
export const checks: Readonly<Record<"iss" | "aud" | "maxAge" | "maxLifetime" | "require", Check>> = {
  iss: ({ iss }, payload, { issuer }) => issuer && refuseIssuer(iss, payload, issuer),
  aud: (claims, _payload, { audiences }) => audiences && !audienceOf(claims).some((one) => audiences.includes(one)) ? wrongClaim("aud", claims.aud, audiences) : undefined,
  maxAge: ({ iat }, _payload, { maxAge }) => maxAge !== undefined && iat === undefined ? age : undefined,
  // Rounded to milliseconds, because `exp - iat` of a token that lives for exactly maxLifetime may be a few nanoseconds longer.
  maxLifetime: ({ exp, iat }, _payload, { maxLifetime }) => iat !== undefined && Math.round((exp - iat) * 1000) > maxLifetime ? lifetime : undefined,
  require: (_claims, payload, { required }) => required && missingClaim(payload, required),
};
const inOrder = Object.values(checks);

/** Why the claims do not meet the options. Undefined if they do. */
export function judge(...given: Parameters<Check>): Refusal | undefined {
  for (const check of inOrder) {
    const refused = check(...given);
    if (refused) return refused;
  }
  return undefined;
}

function audienceOf({ aud }: Partial<RegisteredClaims>): readonly string[] {
  return typeof aud === "string" ? [aud] : aud ?? [];
}
