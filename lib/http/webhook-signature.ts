/** Signs what is POSTed, by Standard Webhooks 1.0, so that the receiver can check that it is ours, unchanged and recent. */
import { createHmac, randomUUID } from "node:crypto";
import { GuardError } from "../guard-error.js";

/** Signs a body. Returns the three headers that are sent with it. */
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
 * @param secrets `whsec_` and 24 to 64 bytes in base64. Give several while one replaces another: a receiver accepts any of them.
 * @throws GuardError `option_invalid`
 */
export function webhookSigner(secrets: unknown): Sign {
  const given: readonly unknown[] = Array.isArray(secrets) ? secrets : [secrets];
  if (given.length === 0) throw invalidSecret();
  const keys = given.map(readSecret);
  return (body, id = `msg_${randomUUID()}`, seconds = Math.floor(Date.now() / 1000)) => ({
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": keys.map((key) => `v1,${createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64")}`).join(" "),
  });
}

function readSecret(secret: unknown): Buffer {
  const text = typeof secret === "string" && secret.startsWith("whsec_") ? secret.slice("whsec_".length) : "";
  const key = Buffer.from(text, "base64");
  // Node ignores characters that are not base64, and would sign with the rest.
  if (key.toString("base64") !== text || key.length < 24 || key.length > 64) throw invalidSecret();
  return key;
}

function invalidSecret(): GuardError {
  return new GuardError("option_invalid", "`secret` must be `whsec_` followed by 24 to 64 random bytes in base64, as Standard Webhooks defines it.");
}
