/** Whether the claims of a token meet the options of `jwt()`. They are judged only after the signature has been verified. */
import { type Refusal, refuse } from "../refusal.js";
import type { RegisteredClaims } from "./claims.js";
import { refuseIssuer } from "./issuer.js";
import type { JsonObject } from "./json.js";
import type { TokenConfig } from "./options.js";
import { missingClaim, unlike } from "./required-claims.js";

const invalid = (reason: string) => refuse("token_invalid", { reason });
const lifetime = invalid("its `exp` is more than `maxLifetime` after its `iat`");
const age = invalid("its `iat` is missing, which `maxAge` needs");

/** Why the claims do not meet the options. Undefined if they do. */
export function judge(claims: Partial<RegisteredClaims> & { readonly exp: number }, payload: JsonObject, config: TokenConfig): Refusal | undefined {
  const { issuer, audiences, required, maxAge, maxLifetime } = config;
  const wrongIssuer = issuer && refuseIssuer(claims.iss, payload, issuer);
  if (wrongIssuer) return wrongIssuer;
  if (audiences && !audienceOf(claims).some((one) => audiences.includes(one))) return unlike("aud", claims.aud, audiences);
  if (maxAge !== undefined && claims.iat === undefined) return age;
  // Rounded to milliseconds, because `exp - iat` of a token that lives for exactly maxLifetime may be a few nanoseconds longer.
  if (claims.iat !== undefined && Math.round((claims.exp - claims.iat) * 1000) > maxLifetime) return lifetime;
  return required && missingClaim(payload, required);
}

function audienceOf({ aud }: Partial<RegisteredClaims>): readonly string[] {
  return typeof aud === "string" ? [aud] : aud ?? [];
}
