/** Finds the slot of a key, and knows which key was used longest ago. It keeps 25 bytes a key, in arrays of numbers. */
import type { LimitKey } from "./limit-key.js";

// A record of a slot has these numbers. Slot 0 is no key: it ends every chain, and closes the ring of keys in the order of their use.
const high = 0, low = 1, chained = 2, older = 3, newer = 4;
const recordLength = 5;
const firstCapacity = 16;

export class KeyTable {
  readonly #maxKeys: number;
  #capacity = 0;
  #size = 0;
  #records = new Int32Array(recordLength);
  /** The first slot of each chain. */
  #heads = new Int32Array(1);

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
    this.grow();
  }

  get size(): number {
    return this.#size;
  }

  get capacity(): number {
    return this.#capacity;
  }

  get canGrow(): boolean {
    return this.#capacity < this.#maxKeys;
  }

  get bytes(): number {
    return this.#records.byteLength + this.#heads.byteLength;
  }

  /** The slot of a key, or 0. */
  find(key: LimitKey): number {
    const records = this.#records;
    const keyHigh = key.high;
    const keyLow = key.low;
    for (let slot = this.#heads[keyLow & (this.#heads.length - 1)]!; slot !== 0; slot = records[slot * recordLength + chained]!) {
      const record = slot * recordLength;
      if (records[record + high] === keyHigh && records[record + low] === keyLow) return slot;
    }
    return 0;
  }

  /** The slot that was used longest ago, or 0 if there is none. */
  get oldest(): number {
    return this.#records[newer]!;
  }

  /** Says that a slot is used now. */
  use(slot: number): void {
    if (this.#records[older] === slot) return;
    this.#takeOut(slot);
    this.#putLast(slot);
  }

  /** Adds a key that is used now. The capacity must be larger than the size. */
  add(key: LimitKey): number {
    this.#size += 1;
    return this.#put(this.#size, key);
  }

  /** Adds a key in place of the one that was used longest ago. */
  replaceOldest(key: LimitKey): number {
    const slot = this.oldest;
    this.#takeOut(slot);
    this.#unchain(slot);
    return this.#put(slot, key);
  }

  /** Makes room for twice as many keys, or for `maxKeys`. */
  grow(): void {
    this.#capacity = Math.min(this.#maxKeys, Math.max(firstCapacity, this.#capacity * 2));
    const records = new Int32Array((this.#capacity + 1) * recordLength);
    records.set(this.#records);
    this.#records = records;
    this.#heads = new Int32Array(2 ** Math.ceil(Math.log2(this.#capacity)));
    for (let slot = 1; slot <= this.#size; slot += 1) this.#chain(slot);
  }

  #put(slot: number, key: LimitKey): number {
    this.#records[slot * recordLength + high] = key.high;
    this.#records[slot * recordLength + low] = key.low;
    this.#chain(slot);
    this.#putLast(slot);
    return slot;
  }

  #chain(slot: number): void {
    const head = this.#headOf(slot);
    this.#records[slot * recordLength + chained] = this.#heads[head]!;
    this.#heads[head] = slot;
  }

  #unchain(slot: number): void {
    const records = this.#records;
    const next = records[slot * recordLength + chained]!;
    const head = this.#headOf(slot);
    let before = this.#heads[head]!;
    if (before === slot) {
      this.#heads[head] = next;
      return;
    }
    while (records[before * recordLength + chained] !== slot) before = records[before * recordLength + chained]!;
    records[before * recordLength + chained] = next;
  }

  #headOf(slot: number): number {
    return this.#records[slot * recordLength + low]! & (this.#heads.length - 1);
  }

  #takeOut(slot: number): void {
    const records = this.#records;
    const olderSlot = records[slot * recordLength + older]!;
    const newerSlot = records[slot * recordLength + newer]!;
    records[olderSlot * recordLength + newer] = newerSlot;
    records[newerSlot * recordLength + older] = olderSlot;
  }

  #putLast(slot: number): void {
    const records = this.#records;
    const last = records[older]!;
    records[last * recordLength + newer] = slot;
    records[slot * recordLength + older] = last;
    records[slot * recordLength + newer] = 0;
    records[older] = slot;
  }
}
