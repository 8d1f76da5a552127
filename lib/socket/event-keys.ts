/** By which keys the events of a socket are counted. */
import { LimitKey } from "../limits/limit-key.js";
import { eventKeyIndexes } from "../limits/limit-set.js";
import type { KeySource } from "../limits/sender.js";
import type { SocketInternals } from "./internals.js";

const server = new LimitKey("server");

/** The socket whose events are counted, and the network of its client; undefined if that is the network of a proxy, which others use, too. */
interface EventSource {
  readonly socket: SocketInternals;
  readonly network: string | undefined;
}

/** The keys of a socket, as long as its session belongs to one user. */
export class EventKeys implements KeySource {
  readonly #source: EventSource;
  readonly #subject: string | undefined;

  constructor(source: EventSource, subject: string | undefined) {
    this.#source = source;
    this.#subject = subject;
  }

  limitKey(keyIndex: number): LimitKey | undefined {
    const { socket } = this.#source;
    switch (keyIndex) {
      case eventKeyIndexes.connection: return new LimitKey(socket.client.id);
      case eventKeyIndexes.address: return keyOf(this.#source.network);
      case eventKeyIndexes.user: return keyOf(this.#subject);
      case eventKeyIndexes.server: return server;
      default: return new LimitKey(nameOfSender(socket, this.#subject));
    }
  }
}

function keyOf(text: string | undefined): LimitKey | undefined {
  return text === undefined ? undefined : new LimitKey(text);
}

/** The user. A guest is known by its socket only. */
export function nameOfSender(socket: SocketInternals, subject: string | undefined): string {
  return subject === undefined ? `socket ${socket.id}` : `user ${subject}`;
}
