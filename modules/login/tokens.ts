/** The two kinds of tokens: a long-lived sign-in for the cookie, and short-lived tokens for connections. Neither is accepted as the other. */
import { GuardError, jwt } from "socket.io-guard";
import { ChatClaims } from "../../definitions/claims.js";
import type { Settings } from "../settings/settings.js";
import { StartError } from "../start-error.js";

export type Tokens = ReturnType<typeof makeTokens>;

export function makeTokens({ secret, tokenLifetime, signInLifetime }: Pick<Settings, "secret" | "tokenLifetime" | "signInLifetime">) {
  try {
    return {
      signIns: jwt({ keys: secret, claims: ChatClaims, audience: "sign-in", maxLifetime: signInLifetime }),
      // Revocations are kept for as long as a token can be valid.
      connections: jwt({ keys: secret, claims: ChatClaims, audience: "connection", maxLifetime: tokenLifetime }),
    };
  } catch (error) {
    if (error instanceof GuardError) throw new StartError(`LOCAL_JWT_SECRET cannot be used: ${error.message}`);
    throw error;
  }
}
