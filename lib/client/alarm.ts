/** A timer that can wait for any length of time, and that notices when the machine was asleep. */

/** What the client uses of the global object: clocks, timers and random numbers. Tests replace them. */
export interface Time {
  /** The wall clock. It includes sleep, but it may be wrong, and the user may change it. */
  readonly Date: Pick<DateConstructor, "now">;
  /** The monotonic clock. It may stand still while the machine sleeps. */
  readonly performance: Pick<typeof performance, "now">;
  readonly Math: Pick<Math, "random">;
  /** Starts a timer of `wait` milliseconds. */
  setTimeout(onTimeout: () => void, wait: number): unknown;
  /** Stops a timer. */
  clearTimeout(timer: unknown): void;
}

/** Returns a function that tells how many milliseconds have passed since now. It takes the clock that saw more of them, so that sleep counts. */
export function stopwatch({ Date, performance }: Time): () => number {
  const wall = Date.now();
  const steady = performance.now();
  return () => Math.max(Date.now() - wall, performance.now() - steady);
}

// Timers stand still while the machine sleeps, and none can run for longer than 2^31-1 ms. So the clocks are checked this often.
const checkInterval = 30_000;

export class Alarm {
  readonly #time: Time;
  #timer: unknown;
  /** Calls `onTimeout` now if it is overdue. */
  declare check: (() => void) | undefined;

  constructor(time: Time) {
    this.#time = time;
  }

  /** Calls `onTimeout` once, after `wait` milliseconds. Replaces what was set before. */
  set(wait: number, onTimeout: () => void): void {
    const elapsed = stopwatch(this.#time);
    const check = (): void => {
      const remaining = wait - elapsed();
      this.stop();
      if (remaining <= 0) return onTimeout();
      this.check = check;
      this.#timer = this.#time.setTimeout(check, Math.min(remaining, checkInterval));
    };
    check();
  }

  stop(): void {
    this.#time.clearTimeout(this.#timer);
    this.check = undefined;
  }
}
