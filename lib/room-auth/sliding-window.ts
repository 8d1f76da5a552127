/** Counts requests by key in a sliding window. It keeps two numbers a key: the requests of the last whole window count by the part of it that is still inside. */

const maxKeys = 10_000;

export interface SlidingWindowOptions {
  /** The number of requests that one key may make in a window. */
  readonly limit: number;
  /** Milliseconds. */
  readonly length: number;
}

interface Counted {
  /** When the current window began. */
  start: number;
  current: number;
  previous: number;
}

export class SlidingWindow {
  readonly #limit: number;
  readonly #length: number;
  /** The key whose window began last is last. */
  readonly #counted = new Map<string, Counted>();

  constructor({ limit, length }: SlidingWindowOptions) {
    this.#limit = limit;
    this.#length = length;
  }

  /** Counts a request and returns 0, or returns how many milliseconds it has to wait. A request that has to wait is not counted. */
  take(key: string, now: number): number {
    const counted = this.#at(key, now);
    const inside = (now - counted.start) / this.#length;
    // How many of the others may be inside, so that this one may come.
    const maxOthers = this.#limit - 1;
    if (counted.previous * (1 - inside) + counted.current <= maxOthers) {
      counted.current += 1;
      return 0;
    }
    // In windows, from the start of the current one.
    const waits = counted.current > maxOthers
      ? 2 - maxOthers / counted.current
      : 1 - (maxOthers - counted.current) / counted.previous;
    return Math.max(1, Math.ceil(counted.start + waits * this.#length - now));
  }

  #at(key: string, now: number): Counted {
    const counted = this.#counted.get(key);
    // A clock that was set back must not lock anybody out.
    const windows = counted === undefined || now < counted.start ? Infinity : Math.floor((now - counted.start) / this.#length);
    if (windows === 0) return counted!;
    const next = windows === 1
      ? { start: counted!.start + this.#length, current: 0, previous: counted!.current }
      : { start: now, current: 0, previous: 0 };
    this.#counted.delete(key);
    this.#counted.set(key, next);
    if (this.#counted.size > maxKeys) this.#counted.delete(this.#counted.keys().next().value!);
    return next;
  }
}
