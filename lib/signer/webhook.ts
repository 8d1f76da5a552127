/** Verifies webhooks that are signed in Pusher's format: the signature is over the raw body. */
import { Refusal } from "../refusal.js";
import { parseObject } from "../token/json.js";
import { invalid } from "./invalid.js";
import type { AcceptedKeys } from "./keys.js";
import { isSignature } from "./signature.js";

/** The headers of a request: a `Headers`, or an object with lower-case names, as Node has them. */
export type WebhookHeaders = HeadersReader | { readonly [name: string]: string | readonly string[] | undefined };

/** What the guard uses of a `Headers`. */
export interface HeadersReader {
  /** The value of a header, or null. */
  get(name: string): string | null;
}

/** @throws GuardError `option_invalid` if the body is not raw */
export function verifyWebhook(keys: AcceptedKeys, headers: WebhookHeaders, rawBody: string | Uint8Array, now: number): Readonly<Record<string, unknown>> | undefined {
  if (typeof rawBody !== "string" && !(rawBody instanceof Uint8Array)) {
    throw invalid("verifyWebhook(headers, rawBody) needs the body as it came, a string or bytes: in Express, use express.raw({ type: \"*/*\" }) for this route.");
  }
  const name = read(headers, "x-pusher-key");
  const signature = read(headers, "x-pusher-signature");
  const key = keys.find((one) => one.key === name);
  if (key === undefined || !(now < key.acceptUntil) || typeof signature !== "string" || !isSignature(signature, rawBody, key)) return undefined;
  const body = parseObject(typeof rawBody === "string" ? rawBody : Buffer.from(rawBody).toString());
  return body instanceof Refusal ? undefined : body;
}

function read(headers: WebhookHeaders, name: string): unknown {
  return typeof headers.get === "function" ? headers.get(name) : (headers as Readonly<Record<string, unknown>>)[name];
}
