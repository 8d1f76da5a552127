/** How often a socket may publish: at most ten times in any second. */
import type { Gate } from "../socket/gate.js";

const maxPublished = 10;
const windowLength = 1_000;

export class PublishLimit {
  /** When each socket published last, the oldest first. */
  readonly #instants = new WeakMap<Gate, number[]>();

  /** Milliseconds until the socket may publish again; 0 if it may now. */
  retryAfter(gate: Gate, now: number): number {
    const instants = this.#instants.get(gate);
    if (instants === undefined || instants.length < maxPublished) return 0;
    // If the clock was set back, nobody waits for longer than the window.
    return Math.min(windowLength, Math.max(0, instants[0]! + windowLength - now));
  }

  count(gate: Gate, now: number): void {
    const instants = this.#instants.get(gate);
    if (instants === undefined) this.#instants.set(gate, [now]);
    else {
      instants.push(now);
      if (instants.length > maxPublished) instants.shift();
    }
  }
}
