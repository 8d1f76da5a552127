/** Sockets that lost their connection, kept in the adapter. Each has a key by which only its own subject finds it, in its own namespace. */
import { createHash } from "node:crypto";
import type { Revocable } from "../session/revocation.js";
import type { LiveSession } from "../session/session.js";
import { isPromiseLike } from "../callbacks.js";
import { gateOf, type Gate } from "./gate.js";
import type { AdapterInternals, NamespaceInternals, SocketState } from "./internals.js";

/** What a socket was when its connection broke. */
export interface Persisted {
  readonly sid: string;
  readonly rooms: readonly string[];
  readonly data: Record<string, unknown>;
  /** Events that were sent to its rooms since then. */
  readonly missedPackets: readonly unknown[];
  /** The subject and the credential of its session, which may have been revoked since then. */
  readonly owner: Revocable;
  /** When it expires, in epoch milliseconds. Putting it back does not extend it. */
  readonly until: number;
}

/** What the adapter keeps as `data`. It is plain, because some adapters encode it. */
interface Kept {
  readonly data: Record<string, unknown>;
  readonly guard: {
    readonly subject: string | null;
    readonly tokenId: string | null;
    readonly issuedAt: number | null;
    readonly until: number;
  };
}

export interface PersistedOptions {
  readonly namespace: NamespaceInternals;
  readonly adapter: AdapterInternals;
  /** Milliseconds. */
  readonly maxDisconnectionDuration: number;
  readonly failed: (error: unknown) => void;
}

/** The key under which the adapter keeps a session. The pid alone, which may be stolen, does not lead to it. */
export function recoveryKey(pid: string, namespace: string, subject: string | undefined): string {
  return createHash("sha256").update(JSON.stringify([pid, namespace, subject ?? null])).digest("base64url");
}

export class PersistedSessions {
  readonly #options: PersistedOptions;
  readonly #persistSession: AdapterInternals["persistSession"];
  readonly #restoreSession: AdapterInternals["restoreSession"];

  /** From here on Socket.IO itself restores nothing from the adapter. */
  constructor(options: PersistedOptions) {
    const { adapter } = options;
    this.#options = options;
    this.#persistSession = adapter.persistSession.bind(adapter);
    this.#restoreSession = adapter.restoreSession.bind(adapter);
    adapter.persistSession = (state) => this.#leave(state);
    adapter.restoreSession = () => null;
  }

  /** Removes what is kept under a key, and returns it. */
  async restore(key: string, offset: string): Promise<Persisted | undefined> {
    const { adapter, failed } = this.#options;
    try {
      const answer = this.#restoreSession(key, offset);
      // Other adapters delete what they read. The one in memory does not.
      if (adapter.sessions instanceof Map) adapter.sessions.delete(key);
      return persistedOf(await answer);
    } catch (error) {
      // redis-streams rejects with a string if it has no such session.
      if (error instanceof Error) failed(error);
      return undefined;
    }
  }

  put(key: string, { sid, rooms, data, owner, until }: Omit<Persisted, "missedPackets">): void {
    const { subject, identity: { tokenId, issuedAt } } = owner;
    const kept: Kept = { data, guard: { subject: subject ?? null, tokenId: tokenId ?? null, issuedAt: issuedAt ?? null, until } };
    const { failed } = this.#options;
    try {
      const written: unknown = this.#persistSession({ sid, pid: key, rooms, data: { ...kept } });
      if (isPromiseLike(written)) void Promise.resolve(written).catch(failed);
    } catch (error) {
      // The adapter cannot encode the data: the socket is not recoverable then.
      failed(error);
    }
  }

  /** Keeps a socket whose connection broke, unless its session was ended. */
  #leave({ sid, pid, rooms, data }: SocketState): void {
    const { namespace, maxDisconnectionDuration } = this.#options;
    const socket = namespace.sockets.get(sid);
    const gate = socket && gateOf(socket);
    const session = gate?.session;
    if (session === undefined || session.ended !== undefined) return;
    const until = Date.now() + maxDisconnectionDuration;
    this.put(recoveryKey(pid, namespace.name, session.subject), { sid, rooms: ownRooms(gate, rooms), data: withoutUser(data, session), owner: session, until });
  }
}

/**
 * Rooms that a socket joined through the guard are not kept: the right to be there may be lost meanwhile, and what was sent to them
 * would have been delivered before that could be checked.
 */
export function ownRooms(gate: Gate | undefined, rooms: readonly string[]): readonly string[] {
  return rooms.filter((room) => gate?.memberships?.has(room) !== true);
}

/** When the client comes back, it is given the user as it is then. */
function withoutUser(data: Record<string, unknown>, session: LiveSession): Record<string, unknown> {
  const kept = { ...data };
  if (!session.guest) delete kept["user"];
  return kept;
}

function persistedOf(answer: unknown): Persisted | undefined {
  const { sid, rooms, data: kept, missedPackets } = (answer ?? {}) as { sid: string; rooms: string[]; data?: Partial<Kept>; missedPackets: unknown[] };
  const guard = kept?.guard;
  if (guard === undefined) return undefined;
  const identity = { ...(guard.tokenId !== null && { tokenId: guard.tokenId }), ...(guard.issuedAt !== null && { issuedAt: guard.issuedAt }) };
  return { sid, rooms, missedPackets, data: kept?.data ?? {}, owner: { id: sid, subject: guard.subject ?? undefined, identity }, until: guard.until };
}
