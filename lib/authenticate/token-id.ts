/** A raw token -> the id by which it is revoked. */
import { GuardError } from "../guard-error.js";
import { isDenial } from "../protocol.js";
import type { Authenticator } from "./authenticator.js";

/**
 * Asks the authenticators whose token it is. Undefined for one that has expired: it opens nothing any more.
 * @throws GuardError with the denial's code, or `revoke_invalid` if none of them takes raw tokens
 */
export function tokenIdOf(token: string, authenticators: readonly Authenticator[]): string | undefined {
  const answers = authenticators.flatMap((authenticator) => authenticator.tokenId?.(token) ?? []);
  const tokenId = answers.find((answer) => typeof answer === "string");
  if (tokenId !== undefined) return tokenId;
  const refused = answers.filter(isDenial);
  if (refused.some(({ code }) => code === "token_expired")) return undefined;
  throw refused[0] === undefined
    ? new GuardError("revoke_invalid", "No authenticator of this guard takes raw tokens: revoke by { tokenId } or { subject }.")
    : new GuardError(refused[0].code, refused[0].message);
}
