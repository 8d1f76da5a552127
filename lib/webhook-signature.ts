/** Signs what is POSTed, by Standard Webhooks 1.0, so that the receiver can check that it is ours, unchanged and recent. */
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { GuardError } from "./guard-error.js";

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

/** An id for a new message. It has no dot, because dots separate the parts of the text that is signed. */
export function newWebhookId(): string {
  return `msg_${randomUUID()}`;
}

/**
 * @param secrets `whsec_` and 24 to 64 bytes in base64. Give several while one replaces another: a receiver accepts any of them.
 * @throws GuardError `option_invalid`
 */
export function webhookSigner(secrets: unknown, name = "secret"): Sign {
  const keys = readWebhookSecrets(secrets, name);
  return (body, id = newWebhookId(), seconds = Math.floor(Date.now() / 1000)) => ({
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": keys.map((key) => signatureOf(id, String(seconds), body, key)).join(" "),
  });
}

/** Whether one of the signatures is that of one of the keys. Compares in constant time, each signature with each key. */
export function hasWebhookSignature({ "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": given }: SignatureHeaders, body: string | Uint8Array, keys: readonly Buffer[]): boolean {
  const signatures = given.split(" ").filter((entry) => entry.startsWith("v1,")).map((entry) => Buffer.from(entry));
  const expected = keys.map((key) => Buffer.from(signatureOf(id, seconds, body, key)));
  const matches = signatures.flatMap((signature) => expected.map((right) => signature.length === right.length && timingSafeEqual(signature, right)));
  return matches.includes(true);
}

/** The keys of the secrets: one, or a list. @throws GuardError `option_invalid` */
export function readWebhookSecrets(secrets: unknown, name: string): readonly Buffer[] {
  const given: readonly unknown[] = Array.isArray(secrets) ? secrets : [secrets];
  if (given.length === 0) throw invalidSecret(name);
  return given.map((secret) => readSecret(secret, name));
}

function signatureOf(id: string, seconds: string, body: string | Uint8Array, key: Buffer): string {
  return `v1,${createHmac("sha256", key).update(`${id}.${seconds}.`).update(body).digest("base64")}`;
}

function readSecret(secret: unknown, name: string): Buffer {
  const text = typeof secret === "string" && secret.startsWith("whsec_") ? secret.slice("whsec_".length) : "";
  const key = Buffer.from(text, "base64");
  // Node ignores characters that are not base64, and would sign with the rest.
  if (key.toString("base64") !== text || key.length < 24 || key.length > 64) throw invalidSecret(name);
  return key;
}

function invalidSecret(name: string): GuardError {
  return new GuardError("option_invalid", `\`${name}\` must be \`whsec_\` followed by 24 to 64 random bytes in base64, as Standard Webhooks defines it.`);
}
