/** Milliseconds that never step back or jump, from readings of `Date.now()`, which an administrator or a time server may set. */

// A reading that is further from the last one is compared with the monotonic clock.
const trusted = 1_000;

export class SteadyClock {
  readonly #monotonic: () => number;
  #wall = Infinity;
  #steady = 0;

  constructor(monotonic: () => number = () => performance.now()) {
    this.#monotonic = monotonic;
  }

  /** `wall` is what `Date.now()` returns now. A step of the clock of less than a second forward counts as time. */
  at(wall: number): number {
    const passed = wall - this.#wall;
    if (!(passed >= 0 && passed < trusted)) return this.#compare(wall);
    this.#wall = wall;
    return (this.#steady += passed);
  }

  #compare(wall: number): number {
    this.#wall = wall;
    return (this.#steady = Math.max(this.#steady, this.#monotonic()));
  }
}
