/** Passwords. They are stored as argon2id, and a check takes the same time whether or not the user exists. */
import { randomBytes } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";

/** The cost that OWASP recommends for argon2id, the default of this package. It takes about 70 ms. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export function hashPassword(password: string): Promise<string> {
  return hash(password, cost);
}

/** A random password for accounts that never sign in with one. */
export function randomPassword(): string {
  return randomBytes(32).toString("base64url");
}

const unknownUserHash = hashPassword("the password of a user who does not exist");

/** Whether the password matches the hash. Without a hash it does the same work, so that the time does not reveal which users exist. */
export async function passwordMatches(password: string, passwordHash: string | undefined): Promise<boolean> {
  const matches = await verify(passwordHash ?? (await unknownUserHash), password);
  return matches && passwordHash !== undefined;
}
