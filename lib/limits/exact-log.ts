/** Counts exactly: keeps the instant of each place that is taken. For small counts, because it keeps as many instants as a window has places. */
import type { ParsedRate } from "./rate.js";
import type { WindowCounter } from "./window-counter.js";

const lastInstant = 2 ** 32 - 1;

export class ExactLog implements WindowCounter {
  readonly #count: number;
  readonly #window: number;
  /** Of each slot, its last `count` instants, the oldest first: whole milliseconds after `#base`, rounded up. 0 is a free place. */
  #instants = new Uint32Array(0);
  /** So early that an instant of 0 is out of the window. */
  #base: number;

  constructor({ count, window }: ParsedRate) {
    this.#count = count;
    this.#window = window;
    this.#base = -window;
  }

  get bytes(): number {
    return this.#instants.byteLength;
  }

  take(slot: number, now: number): number {
    const instant = Math.ceil(now) - this.#base;
    if (instant > lastInstant) return this.#takeLater(slot, now);
    const instants = this.#instants;
    const oldest = slot * this.#count;
    const wait = instants[oldest]! + this.#window - (now - this.#base);
    if (wait > 0) return Math.ceil(wait);
    const newest = oldest + this.#count - 1;
    for (let at = oldest; at < newest; at += 1) instants[at] = instants[at + 1]!;
    instants[newest] = instant;
    return 0;
  }

  giveBack(slot: number, takenAt: number): void {
    const instants = this.#instants;
    const oldest = slot * this.#count;
    const instant = Math.ceil(takenAt) - this.#base;
    let at = oldest + this.#count - 1;
    while (at >= oldest && instants[at] !== instant) at -= 1;
    if (at < oldest) return;
    for (; at > oldest; at -= 1) instants[at] = instants[at - 1]!;
    instants[oldest] = 0;
  }

  isIdle(slot: number, now: number): boolean {
    return this.#instants[(slot + 1) * this.#count - 1]! + this.#window <= now - this.#base;
  }

  clear(slot: number): void {
    this.#instants.fill(0, slot * this.#count, (slot + 1) * this.#count);
  }

  grow(capacity: number): void {
    const grown = new Uint32Array((capacity + 1) * this.#count);
    grown.set(this.#instants);
    this.#instants = grown;
  }

  /** After 49 days, an instant has no room in 32 bits: from here on they count from a later base. */
  #takeLater(slot: number, now: number): number {
    const later = Math.floor(now) - this.#window - this.#base;
    this.#base += later;
    // Those that are out of the window become 0, and so never look recent.
    for (let at = 0; at < this.#instants.length; at += 1) this.#instants[at] = Math.max(0, this.#instants[at]! - later);
    return this.take(slot, now);
  }
}
