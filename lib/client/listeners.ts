/** Who listens to a guarded client, and what they hear. */
import type { Denial, SessionNotice } from "../protocol.js";

/** The session ended, was refused, or no token could be had for it. */
export interface Ended {
  /** Why; null if the server gave no reason of the guard's, or `getToken` failed. */
  readonly denial: Denial | null;
  /** In how many milliseconds the client connects again by itself; null if it stays away until `login()`. */
  readonly reconnectIn: number | null;
}

/** What a guarded client tells. */
export interface ClientEvents {
  /** A session began or was renewed. */
  session: SessionNotice;
  /** An event without an ack was denied, or the renewal of the session was, for good. */
  denied: Denial;
  ended: Ended;
}

export class Listeners {
  readonly #all = new Map<unknown, Set<(told: never) => void>>();

  on<Name extends keyof ClientEvents>(name: Name, listener: (told: ClientEvents[Name]) => void): () => void {
    // A function of its own, so that a listener that was added twice is removed once.
    const own = (told: ClientEvents[Name]): void => listener(told);
    const those = this.#all.get(name) ?? new Set();
    this.#all.set(name, those.add(own));
    return () => void those.delete(own);
  }

  tell<Name extends keyof ClientEvents>(name: Name, told: ClientEvents[Name]): void {
    for (const listener of [...(this.#all.get(name) ?? [])]) (listener as (told: ClientEvents[Name]) => void)(told);
  }

  clear(): void {
    this.#all.clear();
  }
}
