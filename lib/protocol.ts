/** What travels between the guard and its clients: wire names, denial codes and their table. Imports nothing, so that clients can share it. */

/** What a client should do about its connection: fetch a fresh credential, try again later, or stop. */
export type Reconnect = "refresh" | "later" | "never";

interface CodeEntry {
  readonly status: number;
  readonly message: string;
  readonly reconnect?: Reconnect;
}

/** Every denial code with its status, the sentence a person reads, and what a client should do. Codes are stable. */
export const codes = {
  token_missing: { status: 401, reconnect: "refresh", message: "You are not signed in. Sign in and connect again." },
  token_expired: { status: 401, reconnect: "refresh", message: "Your session has expired. Sign in again or refresh the token." },
  token_malformed: { status: 401, reconnect: "never", message: "The token cannot be read. Sign in again." },
  token_invalid: { status: 401, reconnect: "never", message: "The token is not valid here. Sign in again." },
  token_revoked: { status: 401, reconnect: "never", message: "The token was revoked. Sign in again." },
  token_not_active: { status: 401, reconnect: "later", message: "The token is not active yet. Try again later." },
  user_unknown: { status: 401, reconnect: "never", message: "This user does not exist any more." },
  subject_changed: { status: 401, reconnect: "never", message: "The token belongs to another user. Connect again to change users." },
  session_ended: { status: 401, reconnect: "never", message: "Your session was ended. Sign in again." },
  login_timeout: { status: 401, reconnect: "never", message: "You did not sign in in time." },
  origin_forbidden: { status: 403, message: "Connections from this origin are not allowed." },
  signature_invalid: { status: 403, message: "The signature is not valid." },
  room_unlisted: { status: 403, message: "This room is not declared." },
  event_unlisted: { status: 403, message: "This event is not declared." },
  forbidden: { status: 403, message: "You are not allowed to do this." },
  event_malformed: { status: 400, message: "The event is malformed." },
  payload_invalid: { status: 400, message: "The arguments of the event are not valid." },
  session_replaced: { status: 409, reconnect: "never", message: "You connected somewhere else, and this was your oldest session." },
  payload_too_large: { status: 413, message: "The event is too large." },
  rate_limited: { status: 429, message: "Too many requests. Wait and try again." },
  session_limit: { status: 429, reconnect: "never", message: "You have too many open sessions. Close one and connect again." },
  queue_full: { status: 429, message: "Too many events are waiting. Wait for the answers and try again." },
  check_failed: { status: 503, reconnect: "later", message: "The server could not check this. Try again later." },
  check_timeout: { status: 503, reconnect: "later", message: "The server took too long to check this. Try again later." },
  unavailable: { status: 503, reconnect: "later", message: "The server cannot verify your session now. Try again later." },
  server_closing: { status: 503, reconnect: "later", message: "The server is closing. Try again later." },
} as const satisfies Record<string, CodeEntry>;

/** A stable name for why something was denied. */
export type DenialCode = keyof typeof codes;

/** What a denied client receives. `retryAfter` is in milliseconds. */
export interface Denial {
  readonly guard: true;
  readonly code: DenialCode;
  readonly status: number;
  readonly message: string;
  readonly reconnect?: Reconnect;
  readonly retryAfter?: number;
  /** The event or room that was denied, cut to 128 characters. */
  readonly event?: string;
  /** How many notices were held back since the last one. */
  readonly suppressed?: number;
}

/** What a denied event's ack receives in place of its answer. */
export interface Denied {
  readonly error: Denial;
}

/** What a client is told about its own session. Times are milliseconds; a guest's session has no end. */
export interface SessionNotice {
  /** Who is signed in; null for a guest. */
  readonly subject: string | null;
  readonly expiresIn: number | null;
  readonly expiresAt: number | null;
  readonly clientData?: unknown;
  /** What the user's backend signs for `guard:signin`, where the guard has a `signer`: `\d+\.\d+`. */
  readonly signingId?: string;
}

/**
 * What `guard:refresh`, sent with an auth object such as `{ token }`, is answered: the session's new end, in
 * milliseconds, or why it was not renewed. A guest's session has no end.
 */
export type RefreshAnswer = Pick<SessionNotice, "expiresIn" | "expiresAt"> | Denied;

/** Events that begin with this are the guard's own. */
export const guardPrefix = "guard:";
export const sessionEvent = "guard:session";
export const deniedEvent = "guard:denied";
export const byeEvent = "guard:bye";
/** Sent by clients: `emit(refreshEvent, auth, (answer: RefreshAnswer) => ...)`, where `auth` is what a handshake would hold. */
export const refreshEvent = "guard:refresh";
/** Sent by clients with `{ auth, user_data }` of Pusher's `authenticateUser`; the ack gets `{ user }` or `{ error }`. */
export const signinEvent = "guard:signin";

/** The events that a guarded server sends of its own, for a client's `ListenEvents`. */
export interface GuardServerEvents {
  "guard:session": (session: SessionNotice) => void;
  "guard:denied": (denial: Denial) => void;
  "guard:bye": (denial: Denial) => void;
}

/** Whether an argument is the ack: a function, perhaps an optional one. `any` is data. */
export type IsAck<Argument> = 0 extends 1 & Argument ? false
  : [NonNullable<Argument>] extends [never] ? false
  : NonNullable<Argument> extends (...args: never[]) => unknown ? true : false;

type GuardedAck<Ack> = Ack extends (...given: infer Given) => infer Result
  ? Given extends readonly [] ? (answer?: Denied) => Result
  : Ack extends (answer: infer Answer, ...rest: infer Rest) => unknown ? (answer: Answer | Denied, ...rest: Rest) => Result
  : Ack
  : Ack;
type GuardedArguments<Args extends readonly unknown[]> =
  Args extends readonly [...infer Before, infer Final] ? (IsAck<Final> extends true ? [...Before, GuardedAck<Final>] : Args)
  : Args extends readonly [...infer Before, (infer Final)?] ? (IsAck<Final> extends true ? [...Before, GuardedAck<Final>?] : Args)
  : Args;

/** A map of client events whose acks may also bring a denial: `Socket<ServerToClient & GuardServerEvents, WithDenials<ClientToServer>>` on a client. */
export type WithDenials<Events> = {
  [Event in keyof Events]: Events[Event] extends (...args: infer Args) => infer Result
    ? (...args: GuardedArguments<Args>) => Result
    : Events[Event];
};

export interface DenialDetails {
  readonly message?: string;
  readonly reconnect?: Reconnect;
  readonly retryAfter?: number;
  readonly event?: string | undefined;
}

/** A denial of this code, with the table's own sentence and advice where the details name none. */
export function denial(code: DenialCode, details: DenialDetails = {}): Denial {
  const entry: CodeEntry = codes[code];
  const reconnect = details.reconnect ?? entry.reconnect;
  const made: Writable<Denial> = { guard: true, code, status: entry.status, message: details.message ?? entry.message };
  if (reconnect !== undefined) made.reconnect = reconnect;
  if (details.retryAfter !== undefined) made.retryAfter = details.retryAfter;
  if (details.event !== undefined) made.event = details.event.slice(0, 128);
  return made;
}

type Writable<Type> = { -readonly [Name in keyof Type]: Type[Name] };

/** Whether this is a denial of the guard's, as a client sees it in an ack, a notice or `connect_error`. */
export function isDenial(value: unknown): value is Denial {
  return typeof value === "object" && value !== null && (value as Partial<Denial>).guard === true && typeof (value as Partial<Denial>).code === "string";
}
