/** Passwords: stored as argon2id, and checked in the same time whether or not the user exists. */
import { randomBytes } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";

/** OWASP's first choice for argon2id, which is this package's default algorithm; about 70 ms. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export function hashPassword(password: string): Promise<string> {
  return hash(password, cost);
}

/** For accounts that nobody signs in to. */
export function nobodysPassword(): string {
  return randomBytes(32).toString("base64url");
}

const nobody = hashPassword("the password of a user who does not exist");

/** Whether this is the password. Without a hash it does the same work and answers no, so that time does not tell which names exist. */
export async function passwordMatches(password: string, passwordHash: string | undefined): Promise<boolean> {
  const matches = await verify(passwordHash ?? (await nobody), password);
  return matches && passwordHash !== undefined;
}
