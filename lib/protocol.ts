/** The wire: event names, denial codes, and what the guard and its clients send. Imports nothing, so that clients can share it. */

/** What a client should do about its connection: reconnect with a fresh credential, reconnect later, or not reconnect. */
export type Reconnect = "refresh" | "later" | "never";

interface CodeEntry {
  readonly status: number;
  readonly message: string;
  /** "refresh": fetch a fresh credential and connect again. "later": connect again after a while. "never": stop. */
  readonly reconnect?: Reconnect;
}

/** Every denial code with its status, its message for people, and its advice for clients. Codes are stable, messages are not. */
export const codes = {
  token_missing: { status: 401, reconnect: "refresh", message: "You are not signed in. Sign in and connect again." },
  token_expired: { status: 401, reconnect: "refresh", message: "Your session has expired. Sign in again or refresh the token." },
  token_malformed: { status: 401, reconnect: "never", message: "The token cannot be read. Sign in again." },
  token_invalid: { status: 401, reconnect: "never", message: "The token is not valid. Sign in again." },
  token_revoked: { status: 401, reconnect: "never", message: "The token was revoked. Sign in again." },
  credential_malformed: { status: 401, reconnect: "never", message: "The credential cannot be read. Sign in again." },
  credential_invalid: { status: 401, reconnect: "never", message: "The credential is not valid. Sign in again." },
  credential_expired: { status: 401, reconnect: "refresh", message: "The credential has expired. Sign in again." },
  credential_revoked: { status: 401, reconnect: "never", message: "The credential was revoked. Sign in again." },
  token_not_active: { status: 401, reconnect: "later", message: "The token is not active yet. Try again later." },
  user_unknown: { status: 401, reconnect: "never", message: "This user no longer exists." },
  subject_changed: { status: 401, reconnect: "never", message: "You are signed in as another user. Connect again to change users." },
  session_ended: { status: 401, reconnect: "never", message: "Your session was ended. Sign in again." },
  login_timeout: { status: 401, reconnect: "never", message: "You took too long to sign in. Connect again." },
  origin_forbidden: { status: 403, message: "Connections from this origin are not allowed." },
  signature_invalid: { status: 403, message: "The signature is not valid." },
  signature_expired: { status: 403, message: "The signature has expired. Ask your server for a new one." },
  room_unlisted: { status: 403, message: "This room is not declared." },
  event_unlisted: { status: 403, message: "This event is not declared." },
  forbidden: { status: 403, message: "You are not allowed to do this." },
  not_a_member: { status: 403, message: "You are not in this room. Join it first." },
  evicted: { status: 403, message: "You were removed from this room." },
  event_malformed: { status: 400, message: "The event is malformed." },
  payload_invalid: { status: 400, message: "The arguments of the event are not valid." },
  session_replaced: { status: 409, reconnect: "never", message: "You connected somewhere else, and this was your oldest session." },
  payload_too_large: { status: 413, message: "The event is too large." },
  rate_limited: { status: 429, message: "Too many requests. Wait and try again." },
  session_limit: { status: 429, reconnect: "never", message: "You have too many open sessions. Close one and connect again." },
  connection_limit: { status: 429, reconnect: "later", message: "There are too many connections. Try again later." },
  room_limit: { status: 429, message: "You are in too many rooms. Leave one and try again." },
  queue_full: { status: 429, message: "Too many events are waiting. Wait for the answers and try again." },
  check_failed: { status: 503, reconnect: "later", message: "The server could not check whether you are allowed to do this. Try again later." },
  check_timeout: { status: 503, reconnect: "later", message: "The server took too long to check whether you are allowed to do this. Try again later." },
  unavailable: { status: 503, reconnect: "later", message: "The server cannot verify your session right now. Try again later." },
  server_closing: { status: 503, reconnect: "later", message: "The server is shutting down. Try again later." },
} as const satisfies Record<string, CodeEntry>;

/** Why something was denied: a stable name for programs. */
export type DenialCode = keyof typeof codes;

/** What a client receives when something is denied. */
export interface Denial {
  /** Tells a denial from other answers: see `isDenial`. */
  readonly guard: true;
  /** Stable; docs/denials.md lists all codes. */
  readonly code: DenialCode;
  /** The HTTP status that fits the code, such as 403. */
  readonly status: number;
  /** A sentence for people. */
  readonly message: string;
  readonly reconnect?: Reconnect;
  /** Milliseconds to wait before the next attempt. (The HTTP header of this name counts seconds.) */
  readonly retryAfter?: number;
  /** The name of the denied event, cut to 128 characters. */
  readonly event?: string;
  /** The name of the room that it is about, cut to 200 characters. */
  readonly room?: string;
  /** How many notices the server has left out since the last one. */
  readonly suppressed?: number;
}

/** What the ack of a denied event receives instead of an answer. */
export interface Denied {
  readonly error: Denial;
}

/** What a client is told about its own session. */
export interface SessionNotice {
  /** The id of the user; null for a guest. */
  readonly subject: string | null;
  /** Milliseconds until the session ends; null if it has no end. */
  readonly expiresIn: number | null;
  /** When the session ends, in epoch milliseconds by the clock of the server; null if it has no end. */
  readonly expiresAt: number | null;
  /** The `clientData` of the authenticator, if it has any. */
  readonly clientData?: unknown;
  /** Two numbers with a dot between them, which your backend signs for `guard:signin`. Only sent if the guard has the `signer` or the `rooms` option. */
  readonly signingId?: string;
}

/** The answer to `guard:refresh`: the new end of the session in milliseconds, or why it was not renewed. */
export type RefreshAnswer = Pick<SessionNotice, "expiresIn" | "expiresAt"> | Denied;

/** What a client sends as `guard:signin`: the result of Pusher's `authenticateUser`. */
export interface SignIn {
  readonly auth: string;
  /** The exact text that was signed. */
  readonly user_data: string;
}

/** The user that a backend has signed. The client receives it, and rules see it as the claims. */
export interface SignedUser {
  readonly id: string;
  readonly [name: string]: unknown;
}

/** The answer to `guard:signin`: the user, or the denial. */
export type SignInAnswer = { readonly user: SignedUser } | Denied;

/** What a backend answers to a client that wants to join a room: the result of `authorizeRoom` of `signer`, or of Pusher's `authorizeChannel`. */
export interface RoomAuthorization {
  readonly auth: string;
  /** The exact text that was signed. */
  readonly channel_data?: string;
  /** For rooms whose names begin with `private-encrypted-`: the secret that decrypts their messages, 32 bytes in base64. The client keeps it to itself. */
  readonly shared_secret?: string;
}

/** What a client presents to join a room: nothing, or what its backend has signed. */
export type JoinAuthorization = Partial<Pick<RoomAuthorization, "auth" | "channel_data">>;

/** What a client sends as `guard:join`. */
export interface JoinRequest extends JoinAuthorization {
  readonly room: string;
}

/** A message of an encrypted room. Both are base64. */
export interface EncryptedMessage {
  /** 24 random bytes. */
  readonly nonce: string;
  /** NaCl's secretbox over the JSON of the data. */
  readonly ciphertext: string;
}

/** A user who is present in a room, however many sockets the user has there. */
export interface RoomMember {
  /** The subject of the session, or the `user_id` of a signed `channel_data`. */
  readonly id: string;
  /** What the rule's `presence` returned, or the `user_info` of a signed `channel_data`. */
  readonly info?: unknown;
}

/** The answer to `guard:join`. `members` is there if the room has presence. */
export type JoinAnswer = { readonly room: string; readonly members?: readonly RoomMember[] } | Denied;

/** The answer to `guard:leave` and to `guard:publish`. */
export type RoomAnswer = { readonly room: string } | Denied;

/** What a client sends as `guard:publish`. */
export interface PublishRequest {
  readonly room: string;
  readonly event: string;
  readonly data?: unknown;
}

/** What a member of a room has published. */
export interface Published {
  readonly room: string;
  readonly event: string;
  readonly data?: unknown;
  /** The id of the member as `RoomMember` has it; null for a guest. The server sets it. */
  readonly from: string | null;
}

/** What the server itself has sent to a room, with `guarded.room(name).emit(event, data)`. */
export interface RoomEvent {
  readonly room: string;
  readonly event: string;
  readonly data?: unknown;
}

/** Who has joined and left a room since the last notice, or all of its members. It may repeat what is known. */
export interface PresenceNotice {
  readonly room: string;
  readonly joined?: readonly RoomMember[];
  /** The ids of those who have left. */
  readonly left?: readonly string[];
  /** All members: replaces what was known. */
  readonly members?: readonly RoomMember[];
}

/** Why the server has removed a socket from a room: a denial that names the room. */
export interface RoomLeft extends Denial {
  readonly room: string;
}

/** The names of the guard's own events begin with this. */
export const guardPrefix = "guard:";
export const sessionEvent = "guard:session";
export const deniedEvent = "guard:denied";
export const byeEvent = "guard:bye";
export const refreshEvent = "guard:refresh";
export const signinEvent = "guard:signin";
export const joinEvent = "guard:join";
export const leaveEvent = "guard:leave";
export const publishEvent = "guard:publish";
export const publishedEvent = "guard:published";
export const roomEvent = "guard:room";
export const presenceEvent = "guard:presence";
export const leftEvent = "guard:left";

/** The events that the guard itself sends, for a client's `ListenEvents`. */
export interface GuardServerEvents {
  /** A session began or was renewed. */
  "guard:session": (session: SessionNotice) => void;
  /** An event that has no ack was denied. */
  "guard:denied": (denial: Denial) => void;
  /** The session has ended. The server disconnects the socket next. */
  "guard:bye": (denial: Denial) => void;
  /** The server has sent an event to a room. */
  "guard:room": (event: RoomEvent) => void;
  /** Another member of a room has published an event. */
  "guard:published": (published: Published) => void;
  /** Members have joined or left a room. */
  "guard:presence": (presence: PresenceNotice) => void;
  /** The server has removed this socket from a room. */
  "guard:left": (left: RoomLeft) => void;
}

/** The events that clients send to the guard itself, for a client's `EmitEvents`. `guardClient` sends them for you. */
export interface GuardClientEvents {
  /** Renews the session with `auth`, which holds what the `auth` of a handshake would, such as `{ token }`. */
  "guard:refresh": (auth: object, answer: (answer: RefreshAnswer) => void) => void;
  /** Makes a guest the user that a backend has signed. */
  "guard:signin": (signed: SignIn, answer: (answer: SignInAnswer) => void) => void;
  /** Joins a room, if its rule allows it. */
  "guard:join": (request: JoinRequest, answer: (answer: JoinAnswer) => void) => void;
  /** Leaves a room. */
  "guard:leave": (request: { readonly room: string }, answer: (answer: RoomAnswer) => void) => void;
  /** Sends an event to the other members of a room, if the room's rule declares and allows it. */
  "guard:publish": (request: PublishRequest, answer: (answer: RoomAnswer) => void) => void;
}

/** Whether an argument is an ack: a function, or an optional function. `any` is data. */
export type IsAck<Argument> = 0 extends 1 & Argument ? false
  : [NonNullable<Argument>] extends [never] ? false
  : NonNullable<Argument> extends (...args: never[]) => unknown ? true : false;

/** An ack that may also receive a denial. */
type GuardedAck<Ack> = Ack extends (...given: infer Given) => infer Result
  ? Given extends readonly [] ? (answer?: Denied) => Result
  : Ack extends (answer: infer Answer, ...rest: infer Rest) => unknown ? (answer: Answer | Denied, ...rest: Rest) => Result
  : Ack
  : Ack;
/** The arguments of an event whose ack may also receive a denial. */
type GuardedArguments<Args extends readonly unknown[]> =
  Args extends readonly [...infer Before, infer Final] ? (IsAck<Final> extends true ? [...Before, GuardedAck<Final>] : Args)
  : Args extends readonly [...infer Before, (infer Final)?] ? (IsAck<Final> extends true ? [...Before, GuardedAck<Final>?] : Args)
  : Args;

/** An event map in which every ack may also receive a denial: `Socket<ServerToClient & GuardServerEvents, WithDenials<ClientToServer>>` on a client. */
export type WithDenials<Events> = {
  [Event in keyof Events]: Events[Event] extends (...args: infer Args) => infer Result
    ? (...args: GuardedArguments<Args>) => Result
    : Events[Event];
};

/** What a denial says beside its code. */
export interface DenialDetails {
  readonly message?: string;
  readonly reconnect?: Reconnect;
  /** Milliseconds. */
  readonly retryAfter?: number;
  readonly event?: string | undefined;
  readonly room?: string | undefined;
}

/** Creates a denial. Without a message or advice in the details, it has those of its code. */
export function denial(code: DenialCode, details: DenialDetails = {}): Denial {
  const entry: CodeEntry = codes[code];
  const reconnect = details.reconnect ?? entry.reconnect;
  const made: Writable<Denial> = { guard: true, code, status: entry.status, message: details.message ?? entry.message };
  if (reconnect !== undefined) made.reconnect = reconnect;
  if (details.retryAfter !== undefined) made.retryAfter = details.retryAfter;
  if (details.event !== undefined) made.event = details.event.slice(0, 128);
  if (details.room !== undefined) made.room = details.room.slice(0, 200);
  return made;
}

type Writable<Type> = { -readonly [Name in keyof Type]: Type[Name] };

/** Whether a value is a denial, as a client receives it in an ack, in a notice or with `connect_error`. */
export function isDenial(value: unknown): value is Denial {
  return (value as Partial<Denial> | null | undefined)?.guard === true && typeof (value as Partial<Denial>).code === "string";
}
