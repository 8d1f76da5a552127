/** One event and its deliveries: what is POSTed, and in which lane it waits for each endpoint. */
import { createHash } from "node:crypto";
import { attempt } from "../callbacks.js";
import { GuardError } from "../guard-error.js";
import { Refusal } from "../refusal.js";
import { maxDepth, parseObject } from "../token/json.js";
import { newWebhookId } from "../webhook-signature.js";
import { isWebhookType, type Endpoint } from "./options.js";
import type { WebhookDelivery } from "./queue.js";

/** An audit record, as far as webhooks read it: all of it is sent. */
export interface WebhookRecord {
  /** Epoch milliseconds. */
  readonly time: number;
  readonly type: string;
  readonly subject?: string | undefined;
}

/** An event of your own. */
export interface WebhookEvent {
  /** 1 to 128 letters, digits or `_.:/-`, for example "order.paid". */
  readonly type: string;
  /** Whom or what it is about. Events of one subject are delivered in order. Without it, there is no order. */
  readonly subject?: string | undefined;
  /** Anything that JSON can hold: at most 64 KiB, nested at most 31 deep. */
  readonly data: unknown;
}

/** An event that has its id and its body, which no attempt changes. */
export interface MadeEvent {
  readonly id: string;
  readonly type: string;
  readonly subject: string | null;
  readonly body: string;
  readonly createdAt: number;
}

const maxBytes = 65_536;
const maxSubject = 1_024;

/** @throws GuardError `option_invalid` */
export function eventOf({ type, subject = null, data }: { readonly type: unknown; readonly subject?: unknown; readonly data: unknown }): MadeEvent {
  if (!isWebhookType(type)) throw invalid("`type` of a webhook must be 1 to 128 letters, digits or `_.:/-`, such as \"order.paid\".");
  if (subject !== null && (typeof subject !== "string" || subject === "" || subject.length > maxSubject)) throw invalid(`\`subject\` of a webhook must be a string of 1 to ${maxSubject} characters.`);
  const now = Date.now();
  return { id: newWebhookId(), type, subject, body: readableBodyOf(type, now, data), createdAt: now };
}

export function eventOfRecord({ time, type, ...data }: WebhookRecord): MadeEvent {
  return { id: newWebhookId(), type, subject: data.subject ?? null, body: bodyOf(type, time, data), createdAt: Date.now() };
}

export function deliveriesOf({ id, type, subject, body, createdAt }: MadeEvent, endpoints: readonly Endpoint[]): WebhookDelivery[] {
  return endpoints.filter((endpoint) => endpoint.wants(type)).map(({ name }) => {
    const key = `${id} ${name}`;
    return { key, id, endpoint: name, lane: laneOf(name, subject, key), type, subject, body, createdAt };
  });
}

/** What has no subject has a lane of its own. A digest, because a subject can be too long for an index and sorts differently in each database. */
function laneOf(endpoint: string, subject: string | null, key: string): string {
  return createHash("sha256").update(subject === null ? `alone ${key}` : `subject ${endpoint} ${subject}`).digest("hex");
}

/** Standard Webhooks 1.0, "Payload structure". */
function bodyOf(type: string, time: number, data: unknown): string {
  return JSON.stringify({ type, timestamp: new Date(time).toISOString(), data });
}

/** The body of an event of the host. A receiver must be able to read it. */
function readableBodyOf(type: string, time: number, data: unknown): string {
  const body = attempt(() => bodyOf(type, time, data ?? null));
  if (body === undefined) throw invalid("`data` of a webhook must be something that JSON can hold: without a circle, and without a bigint.");
  if (Buffer.byteLength(body) > maxBytes) throw invalid("`data` of a webhook has more than 64 KiB as JSON. Send less, for example an id that the receiver can ask for.");
  if (parseObject(body) instanceof Refusal) throw invalid(`\`data\` of a webhook is nested deeper than ${maxDepth - 1} levels. Send it flatter.`);
  return body;
}

function invalid(message: string): GuardError {
  return new GuardError("option_invalid", message);
}
