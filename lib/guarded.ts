/** What guard(io, options) answers. */
import type { AuditListener, AuditEventName } from "./audit-events.js";
import type { NamespaceOptions } from "./options.js";
import type { RevocationTarget } from "./session/revoker.js";
import type { Session } from "./session/session.js";

/** Numbers since the start, and how many sessions there are now. */
export interface GuardStats {
  readonly sessions: number;
  readonly allowed: number;
  readonly denied: number;
  readonly refused: number;
}

/** Emits to a user. */
export interface ToUser<ServerToClient = Record<string, (...args: unknown[]) => void>> {
  emit<Event extends keyof ServerToClient & string>(event: Event, ...args: ArgumentsOf<ServerToClient[Event]>): void;
}

type ArgumentsOf<Listener> = Listener extends (...args: infer Args) => unknown ? (unknown[] extends Args ? unknown[] : Args) : never;

/** A guarded server. */
export interface Guard<Claims, User = Claims, ClientToServer = Record<string, (...args: unknown[]) => void>, ServerToClient = Record<string, (...args: unknown[]) => void>> {
  /** The session of one of this node's own sockets; undefined for one that was not let in. A guest's `claims` are empty. */
  session(socket: { readonly id: string; readonly conn: unknown }): Session<Claims> | undefined;
  /**
   * Gives a namespace, or all whose names match a pattern, its own map; what it does not name is inherited. To be
   * called before the server listens.
   * @throws GuardError `option_unknown`, `socket_connected`, and what reading events and authenticators throws
   */
  of<Events = Partial<ClientToServer>>(namespace: string | RegExp, options: NamespaceOptions<Events, Claims, User>): this;
  /**
   * Asks `findUser` for this subject now. Settles when the answer is in, and a user that is gone has been sent away.
   * @throws GuardError (the promise rejects) `find_user_missing`
   */
  userChanged(subject: string): Promise<void>;
  /** Emits to every socket of a user, in whatever namespace, on every node that the adapter reaches. A node that is cut off misses it. */
  toUser(subject: string): ToUser<ServerToClient>;
  /** Ends every session of a user, on every node that the adapter reaches. Its tokens hold: to take those back, `revoke`. */
  disconnectUser(subject: string): void;
  /**
   * Ends what is covered: sessions of this node at once, those of other nodes as soon as they hear, and handshakes from now on.
   * Settles when the store holds the record. A token's `iat` counts, up to and including `issuedBefore`; without an `iat` it
   * counts with its subject. Records live for the longest `maxLifetime` there is.
   * @throws GuardError (the promise rejects) `revoke_invalid`, the denial's code for a raw token that does not verify, or
   * `store_unavailable` (the sessions of this node have ended all the same, and the record is published later)
   */
  revoke(what: RevocationTarget): Promise<void>;
  /** Revokes whatever anybody was issued until then. @default issuedBefore: now. @throws as `revoke` */
  revokeAll(until?: { readonly issuedBefore?: Date | number }): Promise<void>;
  /** Hears of what happens. The same audit events are published on `node:diagnostics_channel` as `socket.io-guard:<name>`. */
  on<Name extends AuditEventName>(name: Name, listener: AuditListener<Name>): this;
  stats(): GuardStats;
  /**
   * Ends every session as `server_closing`; afterwards everything is refused. Settles when the clients have heard it, or
   * after a second: close `io` then.
   */
  close(): Promise<void>;
}
