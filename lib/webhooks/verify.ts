/** The receiver's half: whether a webhook is signed with a known secret, unchanged and recent (Standard Webhooks 1.0, "Verifying signatures"). */
import { duration, readOptionsBy, type Duration } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { Refusal } from "../refusal.js";
import type { WebhookHeaders } from "../signer/webhook.js";
import { parseObject } from "../token/json.js";
import { hasWebhookSignature, readWebhookSecrets } from "../webhook-signature.js";

/** The options of verifyWebhook(). */
export interface VerifyWebhookOptions {
  /** How far `webhook-timestamp` may be from the time of this machine, in either direction. @default "5m" */
  readonly tolerance?: Duration;
}

const table = { tolerance: duration("5m") };

/**
 * Verifies a webhook that is signed by Standard Webhooks, and returns its parsed body. Returns undefined if no signature is that
 * of one of the secrets, if the timestamp is too old or too far ahead, or if the body is not a JSON object. Deliveries can come
 * twice: the header `webhook-id` is the same then.
 * @param secrets `whsec_...`, or several while one replaces another: one of them must match
 * @param headers the headers of the request: a `Headers`, or an object with lower-case names, as Node has them
 * @param rawBody the body as it came: a string or bytes
 * @throws GuardError `option_invalid`, `option_unknown` if an argument is wrong, for example if the body is not raw
 */
export function verifyWebhook(
  secrets: string | readonly (string | undefined)[] | undefined,
  headers: WebhookHeaders,
  rawBody: string | Uint8Array,
  options: VerifyWebhookOptions = {},
): Readonly<Record<string, unknown>> | undefined {
  const keys = readWebhookSecrets(secrets, "secrets");
  const { tolerance } = readOptionsBy(table, options, { where: "verifyWebhook()", notUndefined: ["tolerance"] });
  if (typeof rawBody !== "string" && !(rawBody instanceof Uint8Array)) {
    throw new GuardError("option_invalid", "verifyWebhook(secrets, headers, rawBody) needs the body as it came, a string or bytes: in Express, use express.raw({ type: \"*/*\" }) for this route.");
  }
  const id = read(headers, "webhook-id");
  const timestamp = read(headers, "webhook-timestamp");
  const signature = read(headers, "webhook-signature");
  if (id === undefined || signature === undefined || timestamp === undefined || !isRecent(timestamp, tolerance)) return undefined;
  if (!hasWebhookSignature({ "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature }, rawBody, keys)) return undefined;
  const body = parseObject(typeof rawBody === "string" ? rawBody : Buffer.from(rawBody).toString());
  return body instanceof Refusal ? undefined : body;
}

/** Whether it is a whole number of seconds since the epoch, and near the present. */
function isRecent(timestamp: string, tolerance: number): boolean {
  return /^\d{1,12}$/.test(timestamp) && Math.abs(Date.now() - Number(timestamp) * 1_000) <= tolerance;
}

/** A header that is there once, and is not empty. */
function read(headers: WebhookHeaders, name: string): string | undefined {
  const value = typeof headers.get === "function" ? headers.get(name) : (headers as Readonly<Record<string, unknown>>)[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}
