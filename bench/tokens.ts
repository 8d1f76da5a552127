// Tokens for the load. They are signed before the measurement.
import { createSecretKey, randomBytes, randomUUID } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";

export const freshSecret = (): string => randomBytes(32).toString("hex");

/** Tokens for different users, or all for the same one. `expiresAt` is in epoch seconds. */
export function signTokens(secret: string, count: number, { subject, expiresAt }: { subject?: string | undefined; expiresAt?: number | undefined } = {}): string[] {
  const key = createSecretKey(secret, "utf8");
  return Array.from({ length: count }, (_, nth) =>
    jsonwebtoken.sign({ role: "member", exp: expiresAt ?? Math.floor(Date.now() / 1000) + 30 * 86_400 }, key, { subject: subject ?? `user-${nth}`, jwtid: randomUUID() }));
}
