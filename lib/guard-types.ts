/** The types of guard(): the options that it takes, and the Guard that it returns. */
import type { AuditOptions } from "./audit/options.js";
import type { AuditAction, AuditListener, AuditEventName, ByActor } from "./audit-events.js";
import type { Authenticator } from "./authenticate/authenticator.js";
import type { Duration } from "./configuration.js";
import type { LimitOptions } from "./limits/options.js";
import type { GuardStats } from "./metrics/stats.js";
import type { GuardMode, GuardModes } from "./mode.js";
import type { RoomRule } from "./policy/room-rules.js";
import type { EventArguments, EventRule, EventRules, OnDenied } from "./policy/rules.js";
import type { GuardReport } from "./report.js";
import type { GuardRoom } from "./rooms/room.js";
import type { RevocationTarget } from "./session/revoker.js";
import type { GuardSession } from "./session/session.js";
import type { FindUser } from "./session/user-cache.js";
import type { Signer } from "./signer/signer.js";
import type { Origins } from "./origins.js";
import type { GuardStore } from "./store.js";

/** One authenticator, or a list of them. Each is asked in turn; the first that answers decides. `[]` makes TypeScript infer each one of a list, and not only what they have in common. */
export type Authenticate<Claims> = Authenticator<Claims> | readonly [] | readonly Authenticator<Claims>[];

/** The claims of one authenticator, or of any of a list. */
export type ClaimsOf<Chain> = Chain extends readonly Authenticator<infer Claims>[] ? Claims : Chain extends Authenticator<infer Claims> ? Claims : never;

/** The user that rules see: what `findUser` returns, or the claims if there is no `findUser`. */
export type UserOf<Chain, Found> = [Found] extends [never] ? ClaimsOf<Chain> : Found;

/** `Type`, but TypeScript infers nothing from it. Unlike `NoInfer`, it does not show in an editor. */
type Fixed<Type> = [Type][Type extends unknown ? 0 : never];

/**
 * The options of `guard`: `GuardOptions<ClientToServerEvents, typeof tokens>`, or with a third type if `findUser` returns another one than the claims.
 * An option that is left out has its default. `origins`, `findUser`, `store`, `rooms`, `signer` and `audit` may be left out, but must not be undefined.
 */
export interface GuardOptions<ClientToServer, Chain extends Authenticate<unknown>, Found = never, Rooms = AnyRooms> {
  /** How clients prove who they are, for example `jwt({ keys })`, or a list such as `[tokens, anonymous()]`. */
  readonly authenticate: Chain;
  /**
   * Returns the user that rules and handlers see, or null if the user does not exist: then the session ends as `user_unknown`.
   * Write it before `events`, so that TypeScript knows the type of `user` there. @default the claims are the user
   */
  readonly findUser?: FindUser<Fixed<ClaimsOf<Chain>>, UserOf<Chain, Found>>;
  /** What each event requires: a check such as `role("admin")`, `anyone`, or `{ allow, payload, limit, onDenied }`. */
  readonly events: EventRules<ClientToServer, Fixed<UserOf<Chain, Found>>>;
  /** Which rooms clients may join with `guard:join`, by patterns of their names, and what each requires: `{ join, presence, publish }`. @default clients join no rooms by themselves */
  readonly rooms?: DeclaredRooms<Rooms, Fixed<UserOf<Chain, Found>>>;
  /** The rule for events that `events` does not name. @default they are denied as `event_unlisted` */
  readonly undeclared?: EventRule<Fixed<UserOf<Chain, Found>>>;
  /**
   * "report" stops nothing: all clients are connected, all events reach their handlers, and the guard tells what it would have stopped. See docs/report-mode.md.
   * `{ authenticate: "enforce", events: "report" }` only lets events through. @default "enforce"
   */
  readonly mode?: GuardMode | Partial<GuardModes>;
  /** What happens when an event is denied and its rule does not say: "reject" answers with the denial, "disconnect" also closes the connection. @default "reject" */
  readonly onDenied?: OnDenied;
  /** The origins of the pages that may connect, or "same-origin". Required if an authenticator reads a cookie. @default every origin */
  readonly origins?: Origins;
  /** How long an answer of `findUser` is kept before it is asked again. @default "30s" */
  readonly findUserCacheFor?: Duration;
  /** Limits on connections that have no session. */
  readonly login?: LoginOptions;
  /** Limits on what clients send, and on the number of connections. See docs/limits.md. */
  readonly limits?: LimitOptions;
  /** Keeps what happens: `{ sinks: [jsonlAudit({ path })] }`. See docs/audit.md. @default audit events are told to listeners only */
  readonly audit?: AuditOptions;
  /** How many sessions one user may have at the same time. @default any number */
  readonly maxSessionsPerUser?: MaxSessions;
  /**
   * How many proxies are in front of the server, 0 to 100, each of which appends to `X-Forwarded-For`. @default the address of the connection is used;
   * if a proxy adds its headers, a warning tells you to set this
   */
  readonly trustProxy?: number;
  /** Enables `guard:signin` with the signatures of `signer({ key, secret })`. @default disabled */
  readonly signer?: Signer;
  /** How long a session lasts that began with `guard:signin`. @default "1h" */
  readonly signinLifetime?: Duration;
  /** Keeps revocations and API keys for all nodes and across restarts: `redisStore(client)` or `sqlStore(database)`. @default revocations are kept in the memory of this node */
  readonly store?: GuardStore;
  /** How long this node may rely on its last read of the store. @default "5s" */
  readonly maxStaleness?: Duration;
  /**
   * What happens while the store cannot be read for longer than `maxStaleness`. "deny": the events of signed-in clients are denied as `unavailable`.
   * "silence": signed-in clients also receive no events. "allow": nothing changes. @default "deny"
   */
  readonly onStale?: "deny" | "allow" | "silence";
  /** How long an authenticator or `findUser` may take before the handshake is refused as `unavailable`. @default "5s" */
  readonly authenticateTimeout?: Duration;
  /** How long an asynchronous check or schema may take before the event is denied as `check_timeout`. @default "2s" */
  readonly checkTimeout?: Duration;
  /** How many packets of one socket may wait for an asynchronous check, 1 to 65,536. One more is denied as `queue_full`. @default 64 */
  readonly queue?: number;
}

/** One rule for each pattern. */
// This is not a conditional type: TypeScript infers the patterns from the keys, and knows the type of `params` in each rule.
type DeclaredRooms<Rooms, User> = { readonly [Pattern in keyof Rooms]: RoomRule<User, Pattern & string> };

/** Rooms whose patterns are not known to TypeScript. */
type AnyRooms = Record<string, unknown>;

/** Limits on connections that have no session. */
export interface LoginOptions {
  /** How long a connection may be open without a session before it is closed as `login_timeout`. @default "10s" */
  readonly timeout?: Duration;
  /** The number of refused handshakes that closes the connection, 1 to 100. @default 3 */
  readonly attempts?: number;
}

/** How many sessions a user may have, and what happens with one more. */
export interface MaxSessions {
  /** How many sessions a user may have in one namespace on one node, 1 to 1,000,000. */
  readonly perNode: number;
  /** "reject-new" refuses another one as `session_limit`; "end-oldest" ends the oldest one as `session_replaced`. @default "reject-new" */
  readonly onLimit?: "reject-new" | "end-oldest";
}

/** Like `EventRules`, but events may be left out: their rules are inherited. */
type NamespaceRules<ClientToServer, User> = { readonly [Event in keyof ClientToServer]: EventRule<User, EventArguments<NonNullable<ClientToServer[Event]>>> };

/** The options of one namespace. It inherits the rules and authenticators that are left out. */
export interface NamespaceOptions<ClientToServer, Claims, User, Rooms = AnyRooms> {
  /** The rules of this namespace. Each replaces the rule that the guard has for the same event. */
  readonly events?: NamespaceRules<Fixed<ClientToServer>, User>;
  /** The rooms of this namespace. Each replaces the rule that the guard has for the same pattern. */
  readonly rooms?: DeclaredRooms<Rooms, User>;
  /** The authenticators of this namespace, in place of those of the guard. */
  readonly authenticate?: Authenticate<Claims>;
}

/** The events of a server without event types. */
type AnyEvents = Record<string, (...args: unknown[]) => void>;

/** A guarded server. */
export interface Guard<Claims, User = Claims, ClientToServer = AnyEvents, ServerToClient = AnyEvents> {
  /** The session of a socket of this node, or undefined if the socket was not admitted. A guest's `claims` are empty. */
  session(socket: { readonly id: string; readonly conn: unknown }): GuardSession<Claims> | undefined;
  /**
   * Gives a namespace its own rules and authenticators, or all namespaces whose names match a pattern. Call it before clients connect to them.
   * `of<AdminEvents>("/admin", { events })` needs a rule for each event of `AdminEvents`; without the type, the events are those of the server.
   * @throws GuardError `option_unknown`, `option_undefined`, `option_invalid`, `option_missing`, `rule_invalid`, `event_reserved`, `socket_connected`
   */
  of<Events = Partial<ClientToServer>, Rooms = AnyRooms>(namespace: string | RegExp, options: NamespaceOptions<Events, Claims, User, Rooms>): this;
  /** A room, to send to its members, to remove a user from it, and to see who is there. @throws GuardError `option_invalid` if it cannot be the name of a room */
  room(name: string, options?: { /** @default "/" */ readonly namespace?: string }): GuardRoom;
  /**
   * Replaces the guard's maps of rules while it runs. A map that is left out stays, and namespaces keep their own rules. Who may not be in a room any more leaves it at once.
   * An event without a rule is denied, as always. `updateRules<ClientToServerEvents>({ events })` needs a rule for each event.
   * @throws GuardError `option_missing`, `option_unknown`, `option_undefined`, `option_invalid`, `rule_invalid`, `event_reserved`: then nothing has changed
   */
  updateRules<Events = Partial<ClientToServer>, Rooms = AnyRooms>(rules: { readonly events?: NamespaceRules<Fixed<Events>, User>; readonly rooms?: DeclaredRooms<Rooms, User> }, by?: ByActor): void;
  /**
   * Says that something about a user has changed. Every node of the store asks `findUser` for this subject now, if the guard has it.
   * Resolves when the new answer applies to all sessions of this node, and the store has the notice for the others, which read it within
   * `maxStaleness`. If the user no longer exists, the sessions have ended.
   * @throws GuardError (the promise rejects) `store_unavailable` if the store cannot be written: this node has applied the change all the
   * same, and the notice is written later
   */
  userChanged(subject: string): Promise<void>;
  /** Emits to every socket of a user, in all namespaces, on every node that the adapter reaches. */
  toUser(subject: string): ToUser<ServerToClient>;
  /** Ends every session of a user as `session_ended`, on every node that the adapter reaches. The user's tokens stay valid; `revoke` ends those too. */
  disconnectUser(subject: string, by?: ByActor): void;
  /**
   * Revokes one token, all tokens of a subject, or one session. The sessions of this node end at once, those of other nodes as soon as they read
   * the store, and handshakes are refused from now on. Resolves when the store has the record.
   *
   * A token is covered if its `iat` is not after `issuedBefore` (by default now), or if it has no `iat`. Records are kept for the longest `maxLifetime` of the authenticators.
   * @throws GuardError (the promise rejects) `revoke_invalid`; the code of the denial if a raw token does not verify; `store_unavailable`
   * if the store cannot be written: the sessions of this node have ended all the same, and the record is written later
   */
  revoke(what: RevocationTarget, by?: ByActor): Promise<void>;
  /** Revokes everything that was issued up to `issuedBefore`, by default now. @throws GuardError as `revoke` */
  revokeAll(until?: { readonly issuedBefore?: Date | number } & ByActor): Promise<void>;
  /** Records what the host itself has done, as the audit event `action`. @throws GuardError `option_invalid`, `option_unknown` */
  record(action: AuditAction): void;
  /**
   * Calls `listener` with each audit event of this name. They are also published on `node:diagnostics_channel` as `socket.io-guard:<name>`.
   * @returns a function that removes the listener
   * @throws GuardError `audit_event_unknown`
   */
  on<Name extends AuditEventName>(name: Name, listener: AuditListener<Name>): () => void;
  /** What `mode: "report"` would have stopped until now. */
  report(): GuardReport;
  /** Whether this node is ready, for a readiness probe, and counts for your metrics. */
  stats(): GuardStats;
  /** Ends every session as `server_closing` and refuses everything from then on. In report mode, prints the report. Resolves when the clients have been told, after a second at most. Close `io` then. */
  close(): Promise<void>;
}

/** Emits to all sockets of one user. */
export interface ToUser<ServerToClient = AnyEvents> {
  /** Emits an event. It has no ack. */
  emit<Event extends keyof ServerToClient & string>(event: Event, ...args: ListenerArguments<ServerToClient[Event]>): void;
}

/** The arguments of an event that the server sends. */
type ListenerArguments<Listener> = Listener extends (...args: infer Args) => unknown ? (unknown[] extends Args ? unknown[] : Args) : never;
