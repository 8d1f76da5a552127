/** Counts by key in sliding windows of one rate, in constant memory a key. */
import { BucketRing } from "./bucket-ring.js";
import { ExactLog } from "./exact-log.js";
import { KeyTable } from "./key-table.js";
import type { LimitKey } from "./limit-key.js";
import type { ParsedRate } from "./rate.js";
import type { WindowCounter } from "./window-counter.js";

// With more places than this, a log would need more memory than buckets.
const maxLog = 8;

/**
 * Over any window of `rate.window` milliseconds, at most `rate.count` places of a key are taken and not given back.
 *
 * Up to a count of 8, the instant of each place is kept. Rounding makes a wait up to 2 ms too long.
 * Above it, places count by the fifteenth part of a window. A wait is up to that part and 2 ms too long.
 * A key takes at most 64 bytes, or 100 if the count is more than 65,535.
 *
 * At most `maxKeys` keys are kept. A new one takes the place of the key that was used longest ago, which is forgotten with its places.
 */
export class Windows {
  readonly rate: ParsedRate;
  readonly #keys: KeyTable;
  readonly #counter: WindowCounter;
  /** The key that was used last, and its slot. A client often sends several events in a row. */
  #lastKey: LimitKey | undefined = undefined;
  #lastSlot = 0;

  constructor(rate: ParsedRate, maxKeys = 100_000) {
    this.rate = rate;
    this.#keys = new KeyTable(maxKeys);
    this.#counter = rate.count <= maxLog ? new ExactLog(rate) : new BucketRing(rate);
    this.#counter.grow(this.#keys.capacity);
  }

  /** How many keys are kept. */
  get size(): number {
    return this.#keys.size;
  }

  /** The memory of all keys, and of those for which there is room. */
  get bytes(): number {
    return this.#keys.bytes + this.#counter.bytes;
  }

  /** Takes a place in the window of a key. Returns 0, or the whole milliseconds to wait: then nothing is taken. `now` is from a `SteadyClock`. */
  take(key: LimitKey, now: number): number {
    if (key !== this.#lastKey) this.#use(key, now);
    return this.#counter.take(this.#lastSlot, now);
  }

  /** Gives back a place that was taken at `takenAt`. Nothing happens if it does not count any more. */
  giveBack(key: LimitKey, takenAt: number): void {
    const slot = key === this.#lastKey ? this.#lastSlot : this.#keys.find(key);
    if (slot !== 0) this.#counter.giveBack(slot, takenAt);
  }

  /** The key is the one that was used last from now on. */
  #use(key: LimitKey, now: number): void {
    let slot = this.#keys.find(key);
    if (slot === 0) slot = this.#add(key, now);
    else this.#keys.use(slot);
    this.#lastKey = key;
    this.#lastSlot = slot;
  }

  #add(key: LimitKey, now: number): number {
    const keys = this.#keys;
    const isFull = keys.size === keys.capacity;
    if (keys.size > 0 && (this.#counter.isIdle(keys.oldest, now) || (isFull && !keys.canGrow))) {
      const slot = keys.replaceOldest(key);
      this.#counter.clear(slot);
      return slot;
    }
    if (isFull) {
      keys.grow();
      this.#counter.grow(keys.capacity);
    }
    return keys.add(key);
  }
}
