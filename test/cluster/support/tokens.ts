// Tokens that all nodes of a test accept.
import { createSecretKey } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";

export const secret = "the secret of the tests' clusters, thirty-two bytes and more";
const key = createSecretKey(secret, "utf8");

export function tokenOf(subject: string): string {
  return jsonwebtoken.sign({ sub: subject, iat: Math.floor(Date.now() / 1000) - 1 }, key, { expiresIn: "1h" });
}
