/** What happened, told to the host: through `guarded.on(...)` and as `node:diagnostics_channel` messages. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { channel, type Channel } from "node:diagnostics_channel";
import { callListener } from "./callbacks.js";
import type { DenialCode } from "./protocol.js";

/** Whose fact it is. No token, key or payload is ever in one. */
export interface SocketDetails {
  /** The id of the socket and of its session. */
  readonly id: string;
  readonly subject: string | undefined;
  readonly method: string;
  readonly namespace: string;
  readonly address: string;
}

/** The audit events by name, and what each says. */
export interface GuardAuditEvents {
  /** A socket was let in. */
  readonly connected: SocketDetails;
  /** A session lasts longer, or is another user's now: its client has shown a new credential. */
  readonly refreshed: SocketDetails & {
    /** The subject until now. A user who became a guest has left all rooms, and `socket.data` is empty. */
    readonly before: string | undefined;
  };
  /** A handshake or a request was refused. */
  readonly refused: {
    readonly code: DenialCode;
    readonly namespace: string;
    readonly address: string;
    /** Why, for the host: it holds nothing of a credential, and is never sent to a client. */
    readonly reason?: string | undefined;
    /** With `origin_forbidden`: the request's Origin and Host. */
    readonly origin?: string | undefined;
    readonly host?: string | undefined;
  };
  /** An event was denied. */
  readonly denied: SocketDetails & {
    readonly code: DenialCode;
    readonly event: string;
    readonly reason?: string | undefined;
    /** What the schema found, if the code is `payload_invalid`. The messages may quote what the client sent. */
    readonly issues?: readonly StandardSchemaV1.Issue[];
  };
  /** A session ended: for a reason of the guard's, or because its socket left. */
  readonly ended: SocketDetails & { readonly code: DenialCode | "disconnected"; readonly reason?: string | undefined };
  /** Something of the host's threw or took too long: an authenticator, `findUser`, a check or a schema, the store, the adapter, its recovery. */
  readonly failed: { readonly in: "authenticate" | "findUser" | "check" | "store" | "adapter" | "recovery"; readonly event?: string; readonly error: unknown };
}

export type AuditEventName = keyof GuardAuditEvents;
export type AuditListener<Name extends AuditEventName> = (fact: GuardAuditEvents[Name]) => void;

export const auditEventNames = ["connected", "refreshed", "refused", "denied", "ended", "failed"] as const satisfies readonly AuditEventName[];

export class AuditEvents {
  readonly #listeners = new Map<AuditEventName, ((fact: never) => void)[]>();
  readonly #channels = Object.fromEntries(auditEventNames.map((name) => [name, channel(`socket.io-guard:${name}`)])) as Record<AuditEventName, Channel>;

  on<Name extends AuditEventName>(name: Name, listener: AuditListener<Name>): void {
    const listeners = this.#listeners.get(name);
    if (listeners === undefined) this.#listeners.set(name, [listener]);
    else listeners.push(listener);
  }

  /** Whether anybody listens: on the hot path a fact is not even put together for nobody. */
  hasListeners(name: AuditEventName): boolean {
    return this.#listeners.has(name) || this.#channels[name].hasSubscribers;
  }

  emit<Name extends AuditEventName>(name: Name, fact: () => GuardAuditEvents[Name]): void {
    if (!this.hasListeners(name)) return;
    const told = fact();
    this.#channels[name].publish(told);
    for (const listener of this.#listeners.get(name) ?? []) callListener(() => (listener as AuditListener<Name>)(told));
  }
}

/** Whether this is the name of a fact. */
export function isAuditEventName(name: unknown): name is AuditEventName {
  return (auditEventNames as readonly unknown[]).includes(name);
}
