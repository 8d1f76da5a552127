/** Signs a user for a session, and verifies that a backend has. */
import type { SignedUser, SignIn } from "../protocol.js";
import { invalid } from "./invalid.js";
import type { AcceptedKeys } from "./keys.js";
import { authOf, isSigningId, requireSigningId, signerOf, userText } from "./signature.js";

/** @throws GuardError `option_invalid` */
export function authenticateUser(keys: AcceptedKeys, signingId: string, user: SignedUser): SignIn {
  requireSigningId(signingId);
  if (!isUserId(user?.id)) throw invalid("The user to sign needs an `id`: a string of 1 to 1,024 characters.");
  const user_data = JSON.stringify(user);
  return { auth: authOf(userText(signingId, user_data), keys[0]), user_data };
}

export function verifyUser(keys: AcceptedKeys, signingId: string, { auth, user_data }: SignIn, now: number): boolean {
  const key = isSigningId(signingId) ? signerOf(auth, userText(signingId, user_data), keys) : undefined;
  return key !== undefined && now < key.acceptUntil;
}

export function isUserId(id: unknown): id is string {
  return typeof id === "string" && id !== "" && id.length <= 1_024;
}
