/** The events of a guard client, and their listeners. */
import type { Denial, SessionNotice } from "../protocol.js";

/** The session ended, the server refused the connection, or `getToken` failed. */
export interface SessionEnded {
  /** The reason; null if the server gave none, or if `getToken` failed. */
  readonly denial: Denial | null;
  /** Milliseconds until the client reconnects; null if it will not reconnect until `login()` is called. */
  readonly reconnectIn: number | null;
}

/** What a guard client emits to its listeners. */
export interface SessionEvents {
  /** A session began or was renewed. */
  session: SessionNotice;
  /** The server denied an event that has no ack, or denied the renewal of the session for good. */
  denied: Denial;
  ended: SessionEnded;
}

interface Entry {
  readonly event: keyof SessionEvents;
  readonly listener: (payload: never) => void;
}

export class Listeners {
  readonly #entries = new Set<Entry>();

  /** Returns a function that removes the listener. */
  on<Name extends keyof SessionEvents>(event: Name, listener: (payload: SessionEvents[Name]) => void): () => void {
    const entry = { event, listener };
    this.#entries.add(entry);
    return () => void this.#entries.delete(entry);
  }

  emit<Name extends keyof SessionEvents>(event: Name, payload: SessionEvents[Name]): void {
    for (const entry of [...this.#entries]) if (entry.event === event) entry.listener(payload as never);
  }

  clear(): void {
    this.#entries.clear();
  }
}
