/** The events of a guard client: those that it emits to its listeners, and the types of those that it sends. */
import type { Denial, Denied, IsAck, SessionNotice } from "../protocol.js";
import type { ClientState } from "./state.js";

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

/** Besides, `subscribe()` listens to `state`. */
interface Emitted extends SessionEvents {
  state: ClientState;
}

type Entry = (event: string, payload: unknown) => void;

/** What a client tells the page: its state and its events. */
export class Listeners {
  readonly #entries = new Set<Entry>();
  declare state: ClientState;

  /** Returns a function that removes the listener. */
  readonly on = <Name extends keyof Emitted>(event: Name, listener: (payload: Emitted[Name]) => void): (() => void) => {
    const entry: Entry = (emitted, payload) => { if (emitted === event) listener(payload as never); };
    this.#entries.add(entry);
    return () => void this.#entries.delete(entry);
  };

  emit<Name extends keyof Emitted>(event: Name, payload: Emitted[Name]): void {
    for (const entry of [...this.#entries]) entry(event, payload);
  }

  /** Replaces the state, unless nothing has changed. While the client reconnects, it keeps the last session. */
  setState(status: ClientState["status"], denial: Denial | null = null, reconnectIn: number | null = null, newSession: SessionNotice | null = null): void {
    const session = status === "reconnecting" ? this.state.session : newSession;
    const next: ClientState = { status, session, denial, reconnectIn };
    if (JSON.stringify(next) === JSON.stringify(this.state)) return;
    this.state = next;
    this.emit("state", next);
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
