/**
 * Connection state recovery. A client that comes back is authenticated first, and then gets back the socket of its own user.
 * Socket.IO alone would join the rooms and send the missed events before any authentication.
 */
import { randomBytes } from "node:crypto";
import type { AuditEvents } from "../audit-events.js";
import type { Revoker } from "../session/revoker.js";
import { whileOpen } from "../timeout.js";
import type { Gate } from "./gate.js";
import type { AdapterInternals, Connected, NamespaceInternals, RecoveryOptions, SocketInternals } from "./internals.js";
import { recoveryKey, PersistedSessions, type Persisted } from "./persisted.js";

// Those of Socket.IO and its adapters are 20 to 30 characters.
const maxSecretLength = 128;

/** What a client presents to recover its socket. */
interface Presented {
  readonly pid: string;
  readonly offset: string;
  /** The callback of Socket.IO, for a socket that skips the middlewares. */
  readonly connected: Connected;
}

/** What was removed from the adapter for a socket that is not connected yet. */
interface Claim extends Presented {
  readonly sessions: PersistedSessions;
  readonly key: string;
  persisted: Persisted;
  /** The socket may have missed more events since. */
  isStale: boolean;
}

export interface RecoveryParts {
  readonly revoker: Revoker;
  readonly audit: AuditEvents;
  /** Milliseconds that the adapter may take. */
  readonly timeout: number;
}

/** Undefined if the server does not recover connections. */
export function recoveryOf(namespace: NamespaceInternals, parts: RecoveryParts): Recovery | undefined {
  const options = namespace.server.opts.connectionStateRecovery;
  return options ? new Recovery(namespace, options, parts) : undefined;
}

export class Recovery {
  readonly #namespace: NamespaceInternals;
  readonly #options: RecoveryOptions;
  readonly #parts: RecoveryParts;
  // The host may set another adapter at any time.
  readonly #sessions = new WeakMap<AdapterInternals, PersistedSessions>();
  readonly #presented = new WeakMap<object, Presented>();
  readonly #claims = new WeakMap<SocketInternals, Claim>();

  constructor(namespace: NamespaceInternals, options: RecoveryOptions, parts: RecoveryParts) {
    this.#namespace = namespace;
    this.#options = options;
    this.#parts = parts;
  }

  /** Removes what a CONNECT presents, before Socket.IO, a middleware or `fetchSockets()` sees it. */
  arrive(auth: unknown, connected: Connected): void {
    this.#sessionsOf(this.#namespace.adapter);
    if (typeof auth !== "object" || auth === null) return;
    const pid = remove(auth, "pid");
    const offset = remove(auth, "offset");
    if (isSecret(pid) && isSecret(offset)) this.#presented.set(auth, { pid, offset, connected });
  }

  /**
   * Gives a socket that has a session its old id and data, if they belong to the same subject and are not revoked.
   * Returns undefined if the client presents nothing.
   */
  claim(gate: Gate): Promise<void> | undefined {
    const presented = this.#presented.get(gate.socket.handshake.auth);
    return presented && this.#claim(gate, presented);
  }

  /** Connects a socket that skips the middlewares of the host; undefined for all others. */
  shortcut(socket: SocketInternals): Connected | undefined {
    return this.#options.skipMiddlewares ? this.#claims.get(socket)?.connected : undefined;
  }

  /** If other code has run since the claim, reads again what the socket missed, and returns a promise. */
  freshen(socket: SocketInternals): Promise<void> | undefined {
    const claim = this.#claims.get(socket);
    return claim?.isStale === true ? this.#freshen(socket, claim) : undefined;
  }

  /** At connect: joins the rooms, and returns the missed events. Returns undefined if nothing was claimed, false if it cannot be given back any more. */
  giveBack(socket: SocketInternals): readonly unknown[] | false | undefined {
    const claim = this.#claims.get(socket);
    if (claim === undefined) return undefined;
    const { persisted } = claim;
    if (this.#parts.revoker.isRevoked(persisted.owner)) {
      this.#claims.delete(socket);
      return false;
    }
    if (claim.isStale) return false;
    this.#claims.delete(socket);
    void socket.join([...persisted.rooms]);
    return persisted.missedPackets;
  }

  /** The socket was refused or has left. If it never connected, its owner may try again. */
  release(socket: SocketInternals): void {
    const claim = this.#claims.get(socket);
    if (claim === undefined) return;
    this.#claims.delete(socket);
    claim.sessions.put(claim.key, claim.persisted);
  }

  async #claim(gate: Gate, presented: Presented): Promise<void> {
    const { socket } = gate;
    const key = recoveryKey(presented.pid, this.#namespace.name, gate.session!.subject);
    const sessions = this.#sessionsOf(socket.adapter);
    const restoring = sessions.restore(key, presented.offset);
    const persisted = await this.#inTime(socket, restoring);
    if (persisted === undefined) {
      // It came too late for this attempt: the owner may try again.
      void restoring.then((late) => { if (late !== undefined) sessions.put(key, late); });
    } else if (this.#mayReturn(persisted)) {
      this.#claims.set(socket, { ...presented, sessions, key, persisted, isStale: !this.#options.skipMiddlewares });
      this.#become(gate, persisted, presented.pid);
    }
  }

  #mayReturn({ sid, until, owner }: Persisted): boolean {
    const { sockets, _preConnectSockets } = this.#namespace;
    return Date.now() < until && !this.#parts.revoker.isRevoked(owner) && !sockets.has(sid) && !_preConnectSockets.has(sid);
  }

  #become(gate: Gate, { sid, data }: Persisted, pid: string): void {
    const { socket } = gate;
    const waiting = this.#namespace._preConnectSockets;
    waiting.delete(socket.id);
    socket.id = sid;
    waiting.set(sid, socket);
    gate.session!.id = sid;
    socket.pid = pid;
    socket.data = { ...data };
    socket.recovered = true;
    gate.showUser();
  }

  /** The adapter's answer lacks what was sent since. The session is put back under a random key, and read once more. */
  async #freshen(socket: SocketInternals, claim: Claim): Promise<void> {
    const { sessions, offset } = claim;
    const key = randomBytes(32).toString("base64url");
    sessions.put(key, claim.persisted);
    const persisted = await this.#inTime(socket, sessions.restore(key, offset));
    if (persisted === undefined) return;
    claim.persisted = persisted;
    claim.isStale = false;
  }

  async #inTime(socket: SocketInternals, restoring: Promise<Persisted | undefined>): Promise<Persisted | undefined> {
    try {
      return await whileOpen(socket.client.conn, { ms: this.#parts.timeout, message: "The adapter's restoreSession took longer than `authenticateTimeout`." }, restoring);
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  #sessionsOf(adapter: AdapterInternals): PersistedSessions {
    let sessions = this.#sessions.get(adapter);
    if (sessions === undefined) {
      const { maxDisconnectionDuration } = this.#options;
      sessions = new PersistedSessions({ namespace: this.#namespace, adapter, maxDisconnectionDuration, failed: (error) => this.#failed(error) });
      this.#sessions.set(adapter, sessions);
    }
    return sessions;
  }

  #failed(error: unknown): void {
    this.#parts.audit.failed("recovery", error);
  }
}

function isSecret(value: unknown): value is string {
  return typeof value === "string" && value.length <= maxSecretLength;
}

function remove(auth: object, name: "pid" | "offset"): unknown {
  if (!Object.hasOwn(auth, name)) return undefined;
  const value: unknown = (auth as Record<string, unknown>)[name];
  delete (auth as Record<string, unknown>)[name];
  return value;
}
