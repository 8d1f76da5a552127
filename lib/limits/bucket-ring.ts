/** Counts by the fifteenth part of a window, for counts that are too large for a log. It never lets more through than a log would. */
import type { ParsedRate } from "./rate.js";
import type { WindowCounter } from "./window-counter.js";

// A window touches at most 16 buckets. All of them count wholly, also the oldest, of which a part is out of the window already.
const bucketsInWindow = 15;
const ringLength = 16;
const mask = ringLength - 1;
// A record of a slot has the counts of its last 16 buckets, their sum, and the number of its newest bucket after `#base`.
const total = ringLength, newest = ringLength + 1;
const recordLength = ringLength + 2;
const lastNumber = 65_535;

export class BucketRing implements WindowCounter {
  readonly #count: number;
  readonly #window: number;
  #records: Uint16Array | Uint32Array;
  /** A multiple of 16. */
  #base = 0;

  constructor({ count, window }: ParsedRate) {
    this.#count = count;
    this.#window = window;
    this.#records = count <= lastNumber ? new Uint16Array(0) : new Uint32Array(0);
  }

  get bytes(): number {
    return this.#records.byteLength;
  }

  take(slot: number, now: number): number {
    const bucket = this.#bucketAt(now);
    if (bucket > lastNumber) return this.#takeLater(slot, now);
    const records = this.#records;
    const record = slot * recordLength;
    if (records[record + newest]! < bucket) this.#forgetOlder(record, bucket);
    const sum = records[record + total]!;
    if (sum >= this.#count) return this.#wait(record, bucket, now);
    records[record + (bucket & mask)]! += 1;
    records[record + total] = sum + 1;
    return 0;
  }

  giveBack(slot: number, takenAt: number): void {
    const records = this.#records;
    const record = slot * recordLength;
    const bucket = this.#bucketAt(takenAt);
    const age = records[record + newest]! - bucket;
    if (age < 0 || age >= ringLength || records[record + (bucket & mask)] === 0) return;
    records[record + (bucket & mask)]! -= 1;
    records[record + total]! -= 1;
  }

  isIdle(slot: number, now: number): boolean {
    const record = slot * recordLength;
    return this.#records[record + total] === 0 || this.#bucketAt(now) - this.#records[record + newest]! >= ringLength;
  }

  clear(slot: number): void {
    this.#records.fill(0, slot * recordLength, (slot + 1) * recordLength);
  }

  grow(capacity: number): void {
    const length = (capacity + 1) * recordLength;
    const grown = this.#records instanceof Uint16Array ? new Uint16Array(length) : new Uint32Array(length);
    grown.set(this.#records);
    this.#records = grown;
  }

  /** Whole numbers, so that no rounding moves a place into an earlier bucket. */
  #bucketAt(now: number): number {
    return Math.floor(Math.floor(now) * bucketsInWindow / this.#window) - this.#base;
  }

  #forgetOlder(record: number, bucket: number): void {
    const records = this.#records;
    let sum = records[record + total]!;
    for (let expired = Math.max(records[record + newest]! + 1, bucket - mask); sum > 0 && expired <= bucket; expired += 1) {
      sum -= records[record + (expired & mask)]!;
      records[record + (expired & mask)] = 0;
    }
    records[record + total] = sum;
    records[record + newest] = bucket;
  }

  /** Until the oldest bucket with a place in it is out of the window. */
  #wait(record: number, bucket: number, now: number): number {
    let oldest = bucket - mask;
    while (this.#records[record + (oldest & mask)] === 0) oldest += 1;
    return Math.ceil(Math.ceil((this.#base + oldest + ringLength) * this.#window / bucketsInWindow) - now);
  }

  /** The numbers of buckets have 16 bits: from here on they count from a later base. */
  #takeLater(slot: number, now: number): number {
    const later = (Math.floor(this.#bucketAt(now) / ringLength) - 1) * ringLength;
    this.#base += later;
    // Those whose places are all out of the window become 0, and so never look recent.
    for (let at = newest; at < this.#records.length; at += recordLength) this.#records[at] = Math.max(0, this.#records[at]! - later);
    return this.take(slot, now);
  }
}
