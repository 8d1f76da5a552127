// The authenticators that are measured.
export const authenticators = ["anonymous", "jwt", "apiKey", "httpAuth, one request each", "httpAuth, one cached answer", "userFile, argon2id"] as const;
export type AuthenticatorName = (typeof authenticators)[number];
