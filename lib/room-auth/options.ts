/** The options of `roomAuthEndpoint()`, and what it calls the host's functions with. */
import type { IncomingMessage } from "node:http";
import { callback, optional, readOptionsBy, wholeNumber, withDefault, type ReadBy, type Reader } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { readOrigins, type Origins } from "../origins.js";
import type { RoomUser } from "../signer/channel-data.js";
import type { Signer } from "../signer/signer.js";

/** Who asks, and for which room. */
export interface RoomAuthQuestion<Request> {
  /** The request itself, with its cookies and what your middlewares have added. Its body is read already. */
  readonly request: Request;
  /** The name of the room: 1 to 200 letters, digits or `_-=@,.;`. */
  readonly room: string;
  /** The `signingId` of the session that wants to join. */
  readonly signingId: string;
}

/** `true` allows. A member allows too, and says whom the other members see and when the membership ends. `false` denies. */
export type RoomAuthAnswer = boolean | RoomUser;

/** What happened with a request, without anything secret. */
export interface RoomAuthAttempt {
  /** Of the client, as `trustProxy` says. */
  readonly address: string;
  /** "allowed"; "forbidden": `allow` returned false; "failed": it threw, or its answer cannot be signed; the other three were refused before it was asked. */
  readonly outcome: "allowed" | "forbidden" | "failed" | "malformed" | "origin_forbidden" | "rate_limited";
  /** The HTTP status of the answer. */
  readonly status: number;
  readonly room?: string;
  readonly signingId?: string;
  /** Of the member that `allow` returned. */
  readonly userId?: string | number;
  /** What `allow` threw. */
  readonly error?: unknown;
}

/** The options of roomAuthEndpoint(). */
export interface RoomAuthOptions<Request = IncomingMessage> {
  /** Signs what `allow` allows. */
  readonly signer: Signer;
  /** Decides who may join: `({ request, room }) => room === "private-orders-" + request.user.id`. It may return a promise. */
  readonly allow: (question: RoomAuthQuestion<Request>) => RoomAuthAnswer | Promise<RoomAuthAnswer>;
  /** The origins of the pages that may ask. @default "same-origin" */
  readonly origins?: Origins;
  /** How many requests one address may make in a minute, sliding. IPv6 addresses count by their first 64 bits. @default 600 */
  readonly perMinute?: number;
  /** The number of proxies in front of this server whose `X-Forwarded-For` counts. @default 0 */
  readonly trustProxy?: number;
  /** Called with each request and its outcome, for your log. @default one process warning when `allow` begins to fail */
  readonly onAttempt?: (attempt: RoomAuthAttempt) => void;
}

const table = {
  signer: readSigner,
  allow: callback<RoomAuthOptions["allow"]>("({ request, room, signingId }) that returns true, a member or false"),
  origins: withDefault<Origins>("same-origin", readOrigins),
  perMinute: wholeNumber(1, 1_000_000, 600),
  trustProxy: wholeNumber(0, 100, 0),
  onAttempt: optional(callback<NonNullable<RoomAuthOptions["onAttempt"]>>("such as (attempt) => log(attempt)")),
} satisfies Record<keyof RoomAuthOptions, Reader<unknown>>;

/** @throws GuardError `option_invalid`, `option_unknown` */
export function readRoomAuthOptions(options: unknown): ReadBy<typeof table> {
  return readOptionsBy(table, options, { where: "roomAuthEndpoint()" });
}

function readSigner(given: unknown): Signer {
  if (typeof (given as Partial<Signer> | undefined)?.authorizeRoom === "function") return given as Signer;
  throw new GuardError("option_invalid", "`signer` must be what signer() returns: write signer({ key, secret }).");
}
