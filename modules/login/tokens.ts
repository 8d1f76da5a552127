/** What the chat signs: a long sign-in for the cookie, and for each connection a short token. Neither passes for the other. */
import { GuardError, jwt } from "socket.io-guard";
import { ChatClaims } from "../../definitions/claims.js";
import type { Settings } from "../settings/settings.js";
import { StartError } from "../start-error.js";

export type Tokens = ReturnType<typeof makeTokens>;

export function makeTokens({ secret, tokenLife, signInLife }: Pick<Settings, "secret" | "tokenLife" | "signInLife">) {
  try {
    return {
      signIns: jwt({ keys: secret, claims: ChatClaims, audience: "sign-in", maxLifetime: signInLife }),
      // A revocation is kept for as long as a token can hold.
      connections: jwt({ keys: secret, claims: ChatClaims, audience: "connection", maxLifetime: tokenLife }),
    };
  } catch (error) {
    if (error instanceof GuardError) throw new StartError(`LOCAL_JWT_SECRET cannot be used: ${error.message}`);
    throw error;
  }
}
