/** The chat's tokens: made at the sign-in, kept in a cookie that no script can read, verified by the pages and by the guard. */
import { GuardError, jwt } from "socket.io-guard";
import { ChatClaims } from "../../definitions/claims.js";
import { StartError } from "../start-error.js";
import { tokenCookie } from "./cookie.js";

export type Tokens = ReturnType<typeof makeTokens>;

export function makeTokens(secret: string) {
  try {
    return jwt({ keys: secret, claims: ChatClaims, cookie: tokenCookie });
  } catch (error) {
    if (error instanceof GuardError) throw new StartError(`LOCAL_JWT_SECRET cannot be used: ${error.message}`);
    throw error;
  }
}
