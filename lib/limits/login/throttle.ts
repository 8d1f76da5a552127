/** Counts failures by key. After a few, each further try has to wait, twice as long each time. Failures are forgotten as time passes, never because of a success. */

// Milliseconds.
const firstWait = 1_000;
// More do not wait longer, and are not remembered longer.
const maxExcess = 10;
const maxKeys = 10_000;

export interface ThrottleOptions {
  /** How many failures have no effect. */
  readonly failures: number;
  /** Milliseconds after which one failure is forgotten. */
  readonly forgetAfter: number;
  /** Milliseconds. */
  readonly maxWait: number;
}

interface Failures {
  count: number;
  /** When `count` was last brought up to date. */
  updatedAt: number;
  blockedUntil: number;
}

export class Throttle {
  readonly #free: number;
  readonly #forgetAfter: number;
  readonly #maxWait: number;
  /** The key that failed last is last. */
  readonly #failures = new Map<string, Failures>();

  constructor({ failures, forgetAfter, maxWait }: ThrottleOptions) {
    this.#free = failures;
    this.#forgetAfter = forgetAfter;
    this.#maxWait = maxWait;
  }

  /** How many milliseconds the next try has to wait; 0 if it need not. */
  wait(key: string, now: number): number {
    return Math.max(0, Math.ceil((this.#failures.get(key)?.blockedUntil ?? 0) - now));
  }

  /** The same. If it need not wait, a try begins: after so many failures, others wait until it is over, so that many cannot be tried at once. */
  begin(key: string, now: number): number {
    const wait = this.wait(key, now);
    const failures = this.#failures.get(key);
    if (wait === 0 && failures !== undefined) {
      this.#forget(failures, now);
      this.#block(failures, now);
    }
    return wait;
  }

  failed(key: string, now: number): void {
    const failures = this.#failures.get(key) ?? { count: 0, updatedAt: now, blockedUntil: 0 };
    this.#forget(failures, now);
    failures.count = Math.min(failures.count + 1, this.#free + maxExcess);
    this.#block(failures, now);
    this.#failures.delete(key);
    this.#failures.set(key, failures);
    if (this.#failures.size > maxKeys) this.#failures.delete(this.#leastUseful(now));
  }

  #forget(failures: Failures, now: number): void {
    failures.count = Math.max(0, failures.count - (now - failures.updatedAt) / this.#forgetAfter);
    failures.updatedAt = now;
  }

  #block(failures: Failures, now: number): void {
    const excess = Math.ceil(failures.count) - this.#free;
    if (excess >= 0) failures.blockedUntil = now + Math.min(firstWait * 2 ** excess, this.#maxWait);
  }

  /** The oldest key that is not blocked: an attacker with many keys must not push out one that is. */
  #leastUseful(now: number): string {
    const [oldest] = this.#failures.keys();
    let seen = 0;
    for (const [key, { blockedUntil }] of this.#failures) {
      if (blockedUntil <= now) return key;
      if ((seen += 1) >= 100) break;
    }
    return oldest!;
  }
}
