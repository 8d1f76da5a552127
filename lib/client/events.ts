/** The events of a guard client: those that it emits to its listeners, and the types of those that it sends. */
import type { Denial, Denied, IsAck, SessionNotice } from "../protocol.js";

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

/** The arguments without the ack, and the ack; `never` for an event that has no ack. */
type Split<Args> =
  Args extends readonly [...infer Before, infer Final] ? (IsAck<Final> extends true ? [Before, NonNullable<Final>] : never)
  : Args extends readonly [...infer Before, (infer Final)?] ? (IsAck<Final> extends true ? [Before, NonNullable<Final>] : never)
  : never;

/** The arguments and the answer of an event. */
type SplitEvent<Listener> = Listener extends (...args: infer Args) => unknown ? Split<Args> : never;

/** The names of the events that have an ack; any name if the socket has no event types. */
export type AskableEvents<Events> = string extends keyof Events ? string
  : { [Event in keyof Events]: [SplitEvent<Events[Event]>] extends [never] ? never : Event }[keyof Events] & string;

/** The arguments of an event without its ack. */
export type ArgumentsOf<Events, Event> = string extends keyof Events ? unknown[]
  : Event extends keyof Events ? (SplitEvent<Events[Event]> extends [infer Before extends unknown[], unknown] ? Before : never) : never;

/** What the server answers to an event, without denials; `unknown` if the socket has no event types. */
export type AnswerOf<Events, Event> = string extends keyof Events ? unknown
  : Event extends keyof Events
    ? (SplitEvent<Events[Event]> extends [unknown, (...given: infer Given) => unknown] ? (Given extends readonly [] ? undefined : Exclude<Given[0], Denied>) : never)
    : never;
