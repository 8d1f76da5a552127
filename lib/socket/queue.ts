/** Packets of one socket that wait behind an asynchronous verdict: in order, and not more than the limit. */
import type { Packet } from "./internals.js";

export class PacketQueue {
  readonly #packets: Packet[] = [];
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False if there is no place left. */
  add(packet: Packet): boolean {
    if (this.#packets.length >= this.#limit) return false;
    this.#packets.push(packet);
    return true;
  }

  next(): Packet | undefined {
    return this.#packets.shift();
  }

  empty(): readonly Packet[] {
    return this.#packets.splice(0);
  }
}
