/** A timer for waits of any length, which also sees that the machine slept. */
import { stopwatch, type Time } from "./time.js";

// Timers stand still while the machine sleeps, and none runs longer than 2^31-1 ms: so the clocks are looked at this often.
const longestWait = 30_000;

export class Alarm {
  readonly #time: Time;
  #timer: unknown;
  #look: (() => void) | undefined;

  constructor(time: Time) {
    this.#time = time;
  }

  /** Rings once, in `wait` milliseconds, instead of when it was set to before. */
  set(wait: number, ring: () => void): void {
    const elapsed = stopwatch(this.#time);
    this.#look = () => {
      this.#time.clear(this.#timer);
      const left = wait - elapsed();
      if (left > 0) {
        this.#timer = this.#time.set(() => this.look(), Math.min(left, longestWait));
      } else {
        this.stop();
        ring();
      }
    };
    this.#time.clear(this.#timer);
    this.#timer = this.#time.set(() => this.look(), Math.min(wait, longestWait));
  }

  /** Rings now if it is late. */
  look(): void {
    this.#look?.();
  }

  stop(): void {
    this.#time.clear(this.#timer);
    this.#timer = undefined;
    this.#look = undefined;
  }
}
