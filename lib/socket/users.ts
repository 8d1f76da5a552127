/** All sockets of a user: emits to them, disconnects them, and limits their number. The first two reach the nodes that the adapter reaches. */
import { denial } from "../protocol.js";
import { Refusal } from "../refusal.js";
import type { Registry } from "../session/registry.js";
import type { LiveSession } from "../session/session.js";
import type { Cluster } from "./cluster.js";
import type { ServerInternals, SocketInternals } from "./internals.js";

const toUserEvent = "guard:to-user";
const disconnectUserEvent = "guard:disconnect-user";

export interface UsersOptions {
  readonly server: ServerInternals;
  readonly registry: Registry;
  readonly cluster: Cluster;
  /** How many sessions a user may have in a namespace of this node. */
  readonly perNode: number;
  readonly onLimit: "reject-new" | "end-oldest";
}

export class Users {
  readonly #options: UsersOptions;

  constructor(options: UsersOptions) {
    this.#options = options;
    options.cluster.on(toUserEvent, (subject: string, data: [string, ...unknown[]]) => this.#emitHere(subject, data));
    options.cluster.on(disconnectUserEvent, (subject: string) => this.#disconnectHere(subject));
  }

  emit(subject: string, data: [string, ...unknown[]]): void {
    this.#emitHere(subject, data);
    this.#options.cluster.send(toUserEvent, subject, data);
  }

  disconnect(subject: string): void {
    this.#disconnectHere(subject);
    this.#options.cluster.send(disconnectUserEvent, subject);
  }

  /** Why a new session is refused, or undefined if it may connect. */
  overLimit(session: LiveSession): Refusal | undefined {
    const { perNode, onLimit } = this.#options;
    if (perNode === Infinity || onLimit === "end-oldest") return undefined;
    const all = this.#sessionsLike(session);
    // Of two that connect at the same time, the first counts for the second, and not the other way round.
    const index = all.indexOf(session);
    return (index < 0 ? all.length : index) < perNode ? undefined : full;
  }

  /** Called once a session is let in: ends the oldest sessions of its user that are over the limit. */
  endOldest(session: LiveSession): void {
    const { perNode, onLimit, registry } = this.#options;
    if (perNode === Infinity || onLimit === "reject-new") return;
    const others = this.#sessionsLike(session).filter((other) => other !== session && this.#socketOf(other) !== undefined);
    for (const oldest of others.slice(0, Math.max(0, others.length + 1 - perNode))) registry.end(oldest, replaced);
  }

  /** The sessions of the same user in the same namespace, the oldest first. */
  #sessionsLike(session: LiveSession): readonly LiveSession[] {
    if (session.subject === undefined) return [];
    return this.#options.registry.of(session.subject).filter(({ namespace }) => namespace === session.namespace);
  }

  #socketOf(session: LiveSession): SocketInternals | undefined {
    return socketOf(this.#options.server, session);
  }

  #emitHere(subject: string, data: [string, ...unknown[]]): void {
    for (const session of this.#options.registry.of(subject)) {
      this.#socketOf(session)?.emit(...data);
    }
  }

  #disconnectHere(subject: string): void {
    const { registry } = this.#options;
    registry.endAll(() => true, disconnected, registry.of(subject));
  }
}

/** The socket of a session; undefined while it is connecting. */
export function socketOf(server: ServerInternals, { id, namespace }: LiveSession): SocketInternals | undefined {
  return server._nsps.get(namespace)?.sockets.get(id);
}

const disconnected = new Refusal(denial("session_ended"), "`guarded.disconnectUser()` was called");
const full = new Refusal(denial("session_limit"), "the user has as many sessions as `maxSessionsPerUser` allows");
const replaced = new Refusal(denial("session_replaced"), "a newer session of the user took its place");
