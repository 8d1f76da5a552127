/** By which keys the events that a member publishes are counted. */
import { LimitKey } from "../limits/limit-key.js";
import { publishKeyIndexes } from "../limits/limit-set.js";
import type { KeySource } from "../limits/sender.js";
import { nameOfSender } from "../socket/event-keys.js";
import type { SocketInternals } from "../socket/internals.js";

export class PublishKeys implements KeySource {
  readonly #room: string;
  readonly #who: string;

  /** As long as the session belongs to this subject. */
  constructor(socket: SocketInternals, room: string, subject: string | undefined) {
    // The name of a room has no space in it.
    this.#room = `${room} ${socket.nsp.name}`;
    this.#who = nameOfSender(socket, subject);
  }

  limitKey(keyIndex: number): LimitKey {
    switch (keyIndex) {
      case publishKeyIndexes.room: return new LimitKey(this.#room);
      case publishKeyIndexes.inRoom: return new LimitKey(JSON.stringify([this.#room, this.#who]));
      default: return new LimitKey(this.#who);
    }
  }
}
