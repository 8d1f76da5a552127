// The ways in that are measured.
export const ways = ["anonymous", "jwt", "apiKey", "httpAuth, a question each", "httpAuth, one answer for all", "userFile, argon2id"] as const;
export type Way = (typeof ways)[number];
