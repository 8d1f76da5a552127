/** The signature of what we POST, by Standard Webhooks 1.0: the receiver knows that it came from us, unchanged and just now. */
import { createHmac, randomUUID } from "node:crypto";
import { GuardError } from "../guard-error.js";

/** Signs a body: the three headers that travel with it. */
export type Sign = (body: string, id?: string, seconds?: number) => SignatureHeaders;

export interface SignatureHeaders {
  /** The same for each attempt to deliver the same message. */
  readonly "webhook-id": string;
  /** Seconds since the epoch. */
  readonly "webhook-timestamp": string;
  /** One `v1,<base64>` for each secret, separated by spaces. */
  readonly "webhook-signature": string;
}

/**
 * @param secrets `whsec_` and 24 to 64 bytes in base64; several while one replaces another: a receiver accepts any
 * @throws GuardError `secret_invalid`
 */
export function signer(secrets: string | readonly string[]): Sign {
  const given: readonly unknown[] = Array.isArray(secrets) ? secrets : [secrets];
  if (given.length === 0) refuse();
  const keys = given.map(keyOf);
  return (body, id = `msg_${randomUUID()}`, seconds = Math.floor(Date.now() / 1000)) => ({
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": keys.map((key) => `v1,${createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64")}`).join(" "),
  });
}

function keyOf(secret: unknown): Buffer {
  const text = typeof secret === "string" && secret.startsWith("whsec_") ? secret.slice("whsec_".length) : "";
  const key = Buffer.from(text, "base64");
  // Node reads over what is no base64, and would sign with what is left.
  return key.toString("base64") === text && key.length >= 24 && key.length <= 64 ? key : refuse();
}

function refuse(): never {
  throw new GuardError("secret_invalid", "A secret to sign with is not one of Standard Webhooks: give whsec_ and 24 to 64 random bytes in base64.");
}
