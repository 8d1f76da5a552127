/** Who sends events: the keys by which they count, and the places that the event being decided has taken. */
import type { LimitKey } from "./limit-key.js";
import type { Limit, LimitHit } from "./limit.js";

/** Makes the keys of a sender. */
export interface KeySource {
  /** The key by which a limit with this `keyIndex` counts; undefined if it does not apply to this sender. */
  limitKey(keyIndex: number): LimitKey | undefined;
}

const nothing: readonly Limit[] = [];

export class Sender {
  readonly #source: KeySource;
  /** Made when they are needed; null until then. */
  readonly #keys: (LimitKey | undefined | null)[] = [];
  /** What the last event has taken, and when. */
  #limits = nothing;
  #takenAt = 0;

  constructor(source: KeySource) {
    this.#source = source;
  }

  /** Takes a place in each limit. Returns undefined, or the limit that is reached: then nothing is taken. If several are, it is the one with the longest wait. */
  take(limits: readonly Limit[], now: number): LimitHit | undefined {
    this.#limits = limits;
    this.#takenAt = now;
    for (let index = 0; index < limits.length; index += 1) {
      const { keyIndex, windows } = limits[index]!;
      const key = this.keyOf(keyIndex);
      if (key === undefined) continue;
      const wait = windows.take(key, now);
      if (wait > 0) return this.#refuse(index, wait);
    }
    return undefined;
  }

  /** Gives back what the last event has taken, because it is denied. */
  giveBack(): void {
    this.#giveBack(this.#limits, this.#takenAt);
    this.#limits = nothing;
  }

  /** The same for an event whose verdict takes time: others are decided meanwhile. */
  keep(): () => void {
    const limits = this.#limits;
    const takenAt = this.#takenAt;
    this.#limits = nothing;
    return () => this.#giveBack(limits, takenAt);
  }

  keyOf(keyIndex: number): LimitKey | undefined {
    const key = this.#keys[keyIndex];
    if (key !== null && keyIndex < this.#keys.length) return key;
    while (this.#keys.length <= keyIndex) this.#keys.push(null);
    return (this.#keys[keyIndex] = this.#source.limitKey(keyIndex));
  }

  #refuse(first: number, wait: number): LimitHit {
    const limits = this.#limits;
    const now = this.#takenAt;
    this.#giveBack(limits.slice(0, first), now);
    this.#limits = nothing;
    let hit: LimitHit = { limit: limits[first]!, wait };
    for (const limit of limits.slice(first + 1)) {
      const key = this.keyOf(limit.keyIndex);
      const other = key === undefined ? 0 : limit.windows.take(key, now);
      if (key !== undefined && other === 0) limit.windows.giveBack(key, now);
      if (other > hit.wait) hit = { limit, wait: other };
    }
    return hit;
  }

  #giveBack(limits: readonly Limit[], takenAt: number): void {
    for (const { keyIndex, windows } of limits) {
      const key = this.keyOf(keyIndex);
      if (key !== undefined) windows.giveBack(key, takenAt);
    }
  }
}
