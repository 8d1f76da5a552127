/** The clocks, the timers and the chance that the client leans on; tests bring their own. */

export interface Time {
  /** Milliseconds of the wall clock: goes on while the machine sleeps, but may be wrong, and may be set. */
  wall(): number;
  /** Milliseconds that never go back, but may stand still while the machine sleeps. */
  steady(): number;
  /** From 0 to 1. */
  random(): number;
  set(ring: () => void, wait: number): unknown;
  clear(timer: unknown): void;
}

export const realTime: Time = {
  wall: () => Date.now(),
  steady: () => performance.now(),
  random: () => Math.random(),
  set: (ring, wait) => setTimeout(ring, wait),
  clear: (timer) => clearTimeout(timer as Parameters<typeof clearTimeout>[0]),
};

/** How many milliseconds have passed since now, the machine's sleep included: whichever clock saw more of them. */
export function stopwatch(time: Time): () => number {
  const wall = time.wall();
  const steady = time.steady();
  return () => Math.max(time.wall() - wall, time.steady() - steady);
}
