// Tokens for the load: signed once, before anything is measured.
import { createSecretKey, randomBytes, randomUUID } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";

export const freshSecret = (): string => randomBytes(32).toString("hex");

export function signTokens(secret: string, count: number): string[] {
  const key = createSecretKey(secret, "utf8");
  return Array.from({ length: count }, (_, nth) =>
    jsonwebtoken.sign({ role: "member" }, key, { subject: `user-${nth}`, expiresIn: "30d", jwtid: randomUUID() }));
}
