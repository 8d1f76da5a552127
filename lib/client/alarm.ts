/** A timer that can wait for any length of time, and that notices when the machine was asleep. */

/** The clocks, timers and random numbers that the client uses. Tests replace them. */
export interface Time {
  /** Wall clock time in milliseconds. It includes sleep, but it may be wrong, and the user may change it. */
  wall(): number;
  /** Monotonic time in milliseconds. It may stand still while the machine sleeps. */
  steady(): number;
  /** A random number from 0 to 1. */
  random(): number;
  /** Starts a timer of `wait` milliseconds. */
  set(onTimeout: () => void, wait: number): unknown;
  /** Stops a timer. */
  clear(timer: unknown): void;
}

export const realTime: Time = {
  wall: () => Date.now(),
  steady: () => performance.now(),
  random: () => Math.random(),
  set: (onTimeout, wait) => setTimeout(onTimeout, wait),
  clear: (timer) => clearTimeout(timer as Parameters<typeof clearTimeout>[0]),
};

/** Returns a function that tells how many milliseconds have passed since now. It takes the clock that saw more of them, so that sleep counts. */
export function stopwatch(time: Time): () => number {
  const wall = time.wall();
  const steady = time.steady();
  return () => Math.max(time.wall() - wall, time.steady() - steady);
}

// Timers stand still while the machine sleeps, and none can run for longer than 2^31-1 ms. So the clocks are checked this often.
const checkInterval = 30_000;

export class Alarm {
  readonly #time: Time;
  #timer: unknown;
  #check: (() => void) | undefined;

  constructor(time: Time) {
    this.#time = time;
  }

  /** Calls `onTimeout` once, after `wait` milliseconds. Replaces what was set before. */
  set(wait: number, onTimeout: () => void): void {
    const elapsed = stopwatch(this.#time);
    this.#check = () => {
      const remaining = wait - elapsed();
      if (remaining > 0) {
        this.#startTimer(remaining);
      } else {
        this.stop();
        onTimeout();
      }
    };
    this.#startTimer(wait);
  }

  /** Calls `onTimeout` now if it is overdue. */
  check(): void {
    this.#check?.();
  }

  stop(): void {
    this.#time.clear(this.#timer);
    this.#check = undefined;
  }

  #startTimer(wait: number): void {
    this.#time.clear(this.#timer);
    this.#timer = this.#time.set(() => this.check(), Math.min(wait, checkInterval));
  }
}

interface EventSource {
  addEventListener?(event: string, listener: () => void): void;
  removeEventListener?(event: string, listener: () => void): void;
}

/** Calls the listener when a browser shows the page again or comes online: timers may be late by then. Returns a function that stops this. Does nothing in Node. */
export function onWake(listener: () => void): () => void {
  const events = ["visibilitychange", "pageshow", "online"];
  const page = globalThis as EventSource;
  for (const event of events) page.addEventListener?.(event, listener);
  return () => {
    for (const event of events) page.removeEventListener?.(event, listener);
  };
}
