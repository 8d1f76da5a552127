/** The types of `emitGuarded`: event names, arguments and answers, taken from the socket's event map. */
import type { Denied, IsAck } from "../protocol.js";

/** The arguments without the ack, and the ack; `never` for an event that has no ack. */
type Split<Args> =
  Args extends readonly [...infer Before, infer Final] ? (IsAck<Final> extends true ? [Before, NonNullable<Final>] : never)
  : Args extends readonly [...infer Before, (infer Final)?] ? (IsAck<Final> extends true ? [Before, NonNullable<Final>] : never)
  : never;

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
