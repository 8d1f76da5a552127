/** The options of `webhooks()`. */
import { createHash } from "node:crypto";
import { isIP } from "node:net";
import type { AuditEventName } from "../audit-events.js";
import { duration, errorListener, milliseconds, oneOf, optional, readOptionsBy, wholeNumber, type Duration, type ReadBy, type Reader } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { safeUrl } from "../http-client.js";
import { webhookSigner, type Sign } from "../webhook-signature.js";
import { isPublicAddress } from "./public-address.js";
import type { WebhookQueue } from "./queue.js";

/** An endpoint that webhooks are sent to. */
export interface WebhookEndpoint {
  /** The address: https, without a name and password. http needs `allowPrivate`. */
  readonly url: string | URL | undefined;
  /** `whsec_` and 24 to 64 bytes in base64, or several while one replaces another: each signs. */
  readonly secrets: string | readonly (string | undefined)[] | undefined;
  /** The types of the events that it gets: audit events, and those of your own that you send; or `"all"`. */
  readonly events: "all" | readonly (AuditEventName | (string & {}))[];
  /** The name in the store, in errors and in metrics. Deliveries of an endpoint whose name changes stay where they are. @default the host and a digest of the URL */
  readonly name?: string;
  /** Also signs in Pusher's format: `X-Pusher-Key` and `X-Pusher-Signature`. @default not signed in Pusher's format */
  readonly pusher?: { readonly key: string | undefined; readonly secret: string | undefined };
}

/** The options of webhooks(). */
export interface WebhooksOptions {
  /** Where webhooks are sent. */
  readonly endpoints: readonly WebhookEndpoint[];
  /** Keeps what is to be delivered, for all nodes: `sqlWebhooks(kysely)` or `redisWebhooks(client)`. */
  readonly store: WebhookQueue;
  /** How long a delivery is made again and again before it is a dead letter. @default "5m" */
  readonly retryFor?: Duration;
  /** How long an endpoint may take for its whole answer. @default "10s" */
  readonly timeout?: Duration;
  /** How many requests a node sends to one endpoint at the same time. @default 10 */
  readonly concurrency?: number;
  /** Allows http, and addresses that are not public. Use it only if nobody but you chooses the URLs. @default false */
  readonly allowPrivate?: boolean;
  /** How many deliveries may wait for one endpoint. `onFull` says what happens to more. @default 100_000 */
  readonly maxBacklog?: number;
  /** What happens to a new event when the backlog of an endpoint is full: it becomes a dead letter, or it is rejected as `webhooks_full`. @default "dead-letter" */
  readonly onFull?: "dead-letter" | "reject";
  /** How many dead letters are kept. The oldest are removed first. @default 100_000 */
  readonly maxDeadLetters?: number;
  /** How long a dead letter is kept. @default "30d" */
  readonly deadLetterLifetime?: Duration;
  /** Called with each failed attempt, each dead letter, and each failure of the store. @default one process warning when an endpoint or the store begins to fail, and one when it works again */
  readonly onError?: (error: GuardError) => void;
}

/** An endpoint that was read from the options. */
export interface Endpoint {
  readonly name: string;
  readonly url: URL;
  readonly sign: Sign;
  readonly pusher: { readonly key: string; readonly secret: string } | undefined;
  /** Whether it gets events of this type. */
  wants(type: string): boolean;
}

/** A duration, also one that is longer than a timer can wait for. */
const longDuration = (fallback: Duration): Reader<number> => (given, name) => milliseconds(given ?? fallback, name);

const table = {
  endpoints: (given) => given,
  store: readStore,
  retryFor: longDuration("5m"),
  timeout: duration("10s"),
  concurrency: wholeNumber(1, 1_000, 10),
  allowPrivate: oneOf(false, true),
  maxBacklog: wholeNumber(1, Number.MAX_SAFE_INTEGER, 100_000),
  onFull: oneOf("dead-letter", "reject"),
  maxDeadLetters: wholeNumber(0, Number.MAX_SAFE_INTEGER, 100_000),
  deadLetterLifetime: longDuration("30d"),
  onError: optional(errorListener<GuardError>()),
} satisfies Record<keyof WebhooksOptions, Reader<unknown>>;

export type WebhooksConfig = Omit<ReadBy<typeof table>, "endpoints"> & { readonly endpoints: readonly Endpoint[] };

/** @throws GuardError `option_invalid`, `option_unknown`, `option_undefined` */
export function readWebhooksOptions(options: WebhooksOptions): WebhooksConfig {
  const config = readOptionsBy(table, options, { where: "webhooks()", notUndefined: ["endpoints", "store", "allowPrivate"] });
  if (!Array.isArray(config.endpoints)) throw invalid("`endpoints` must be a list: [{ url, secrets, events }].");
  const endpoints = config.endpoints.map((endpoint, place) => readEndpoint(endpoint, `endpoints[${place}]`, config.allowPrivate));
  const names = endpoints.map(({ name }) => name);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined) throw invalid(`Two endpoints of webhooks() have the name "${twice}". Give each a \`name\` of its own.`);
  return Object.freeze({ ...config, endpoints });
}

const endpointTable = {
  url: (given) => given,
  secrets: webhookSigner,
  events: readEvents,
  name: optional(readName),
  pusher: optional(readPusherKey),
} satisfies Record<keyof WebhookEndpoint, Reader<unknown>>;

function readEndpoint(given: unknown, within: string, allowPrivate: boolean): Endpoint {
  const { url: address, secrets: sign, events, name, pusher } = readOptionsBy(endpointTable, given, { where: `\`${within}\``, within, notUndefined: ["url", "secrets", "events", "pusher"] });
  const url = readUrl(address, `${within}.url`, allowPrivate);
  return Object.freeze({ name: name ?? nameOf(url), url, sign, pusher, wants: (type: string) => events === "all" || events.has(type) });
}

function readUrl(given: unknown, name: string, allowPrivate: boolean): URL {
  const url = safeUrl(given, allowPrivate);
  if (url === undefined || (url.protocol !== "https:" && !allowPrivate)) throw invalid(`\`${name}\` must be an https URL without a name and password. With \`allowPrivate: true\`, http is accepted too.`);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const isPrivate = host === "localhost" || host.endsWith(".localhost") || (isIP(host) !== 0 && !isPublicAddress(host));
  if (isPrivate && !allowPrivate) throw invalid(`\`${name}\` has an address that is not public. Set \`allowPrivate: true\` only if nobody but you chooses the URLs.`);
  return url;
}

/** The host, for people, and a digest, because the path or the query of a URL may be a secret. */
function nameOf(url: URL): string {
  return `${url.host}-${createHash("sha256").update(url.href).digest("hex").slice(0, 8)}`;
}

function readName(given: unknown, name: string): string {
  if (typeof given === "string" && /^[\w.:[\]-]{1,128}$/.test(given)) return given;
  throw invalid(`\`${name}\` must be 1 to 128 letters, digits or \`_.-:\`.`);
}

function readEvents(given: unknown, name: string): "all" | ReadonlySet<string> {
  if (given === "all") return given;
  if (Array.isArray(given) && given.every(isWebhookType)) return new Set(given);
  throw invalid(`\`${name}\` must be "all", or a list of types of events such as ["ended", "revoked"].`);
}

/** Whether it can be the type of an event. */
export function isWebhookType(given: unknown): given is string {
  return typeof given === "string" && /^[\w.:/-]{1,128}$/.test(given);
}

function readPusherKey(given: unknown, name: string): { readonly key: string; readonly secret: string } {
  const { key, secret } = readOptionsBy({ key: (value: unknown) => value, secret: (value: unknown) => value }, given, { where: `\`${name}\``, within: name });
  if (typeof key !== "string" || !/^[\w.-]{1,128}$/.test(key)) throw invalid(`\`${name}.key\` must be a name of 1 to 128 letters, digits or \`_.-\`.`);
  if (typeof secret !== "string" || Buffer.byteLength(secret) < 20) throw invalid(`\`${name}.secret\` must be a string of at least 20 bytes.`);
  return Object.freeze({ key, secret });
}

function readStore(given: unknown, name: string): WebhookQueue {
  if (typeof (given as Partial<WebhookQueue> | undefined)?.claim === "function") return given as WebhookQueue;
  throw invalid(`\`${name}\` must be sqlWebhooks(kysely) of socket.io-guard/sql, or redisWebhooks(client) of socket.io-guard/redis.`);
}

function invalid(message: string): GuardError {
  return new GuardError("option_invalid", message);
}
