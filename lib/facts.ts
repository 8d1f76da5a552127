/** What happened, told to the host: through `guarded.on(...)` and as `node:diagnostics_channel` messages. */
import { channel, type Channel } from "node:diagnostics_channel";
import { callApart } from "./call-apart.js";
import type { DenialCode } from "./protocol.js";

/** Whose fact it is. No token, key or payload is ever in one. */
export interface SocketFact {
  /** The id of the socket and of its session. */
  readonly id: string;
  readonly subject: string | undefined;
  readonly method: string;
  readonly namespace: string;
  readonly address: string;
}

/** The facts by name, and what each tells. */
export interface GuardFacts {
  /** A socket was let in. */
  readonly connected: SocketFact;
  /** A session lasts longer, or is another user's now: its client has shown a new credential. */
  readonly refreshed: SocketFact & {
    /** The subject until now. A user who became a guest has left all rooms, and `socket.data` is empty. */
    readonly before: string | undefined;
  };
  /** A handshake or a request was refused. */
  readonly refused: { readonly code: DenialCode; readonly namespace: string; readonly address: string };
  /** An event was denied. */
  readonly denied: SocketFact & { readonly code: DenialCode; readonly event: string };
  /** A session ended: for a reason of the guard's, or because its socket left. */
  readonly ended: SocketFact & { readonly code: DenialCode | "disconnected" };
  /** Something of the host's threw or took too long: an authenticator, `findUser`, a check or a schema, the store, the adapter, its recovery. */
  readonly failed: { readonly in: "authenticate" | "findUser" | "check" | "store" | "adapter" | "recovery"; readonly event?: string; readonly error: unknown };
}

export type FactName = keyof GuardFacts;
export type FactListener<Name extends FactName> = (fact: GuardFacts[Name]) => void;

export const factNames = ["connected", "refreshed", "refused", "denied", "ended", "failed"] as const satisfies readonly FactName[];

export class Facts {
  readonly #listeners = new Map<FactName, ((fact: never) => void)[]>();
  readonly #channels = Object.fromEntries(factNames.map((name) => [name, channel(`socket.io-guard:${name}`)])) as Record<FactName, Channel>;

  on<Name extends FactName>(name: Name, listener: FactListener<Name>): void {
    const listeners = this.#listeners.get(name);
    if (listeners === undefined) this.#listeners.set(name, [listener]);
    else listeners.push(listener);
  }

  /** Whether anybody listens: on the hot path a fact is not even put together for nobody. */
  isHeard(name: FactName): boolean {
    return this.#listeners.has(name) || this.#channels[name].hasSubscribers;
  }

  tell<Name extends FactName>(name: Name, fact: () => GuardFacts[Name]): void {
    if (!this.isHeard(name)) return;
    const told = fact();
    this.#channels[name].publish(told);
    for (const listener of this.#listeners.get(name) ?? []) callApart(() => (listener as FactListener<Name>)(told));
  }
}

/** Whether this is the name of a fact. */
export function isFactName(name: unknown): name is FactName {
  return (factNames as readonly unknown[]).includes(name);
}
