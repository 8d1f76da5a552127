/** How many members a socket is told of in the answers to its joins. A client that joins again and again, and reads nothing, would fill the memory. */
import type { Gate } from "../socket/gate.js";

const maxTold = 50_000;
const windowLength = 10_000;

interface Told {
  readonly since: number;
  members: number;
}

export class ToldLimit {
  readonly #told = new WeakMap<Gate, Told>();

  /** Milliseconds until the socket may join again; 0 if it may now. */
  retryAfter(gate: Gate, now: number): number {
    const told = this.#told.get(gate);
    if (told === undefined || told.members < maxTold) return 0;
    // If the clock was set back, nobody waits for longer than the window.
    return Math.min(windowLength, Math.max(0, told.since + windowLength - now));
  }

  count(gate: Gate, members: number, now: number): void {
    const told = this.#told.get(gate);
    if (told !== undefined && now >= told.since && now - told.since < windowLength) told.members += members;
    else this.#told.set(gate, { since: now, members });
  }
}
