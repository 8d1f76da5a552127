// Replaces `Date.now`, so that a test can move time instead of waiting. `performance.now` moves along. Timers still use the real time.

const realNow = Date.now;
const realPerformance = performance.now.bind(performance);
let replaced: (() => number) | undefined;

export interface TestClock {
  /** How far `Date.now` is ahead of the real time, or of the fixed instant, in milliseconds. */
  ahead: number;
  advance(ms: number): void;
  /** From now on, time passes only when the test moves it, until the clock is restored. Timers still use the real time. */
  stop(): void;
}

// There is one clock for the process.
const clock: TestClock = { ahead: 0, advance(ms) { this.ahead += ms; }, stop };

/** For a `describe`: each of its tests begins at the instant `at`, and time stands still unless the test moves it. Without `at`, time passes. */
export function useClock(at?: number): TestClock {
  beforeEach(() => replaceNow(at));
  afterEach(restoreClock);
  return clock;
}

/** Replaces `Date.now` during a test, until `restoreClock`. Time passes. */
export function startClock(): TestClock {
  if (Date.now !== replaced) replaceNow();
  return clock;
}

export function restoreClock(): void {
  Date.now = realNow;
  performance.now = realPerformance;
}

function replaceNow(at?: number): void {
  clock.ahead = 0;
  Date.now = replaced = () => (at ?? realNow()) + clock.ahead;
  performance.now = () => realPerformance() + clock.ahead;
}

function stop(): void {
  const [wall, steady] = [Date.now() - clock.ahead, performance.now() - clock.ahead];
  Date.now = replaced = () => wall + clock.ahead;
  performance.now = () => steady + clock.ahead;
}

/** Runs a function with `Date.now` at another instant. */
export function asOf<Result>(at: number, run: () => Result): Result {
  const before = Date.now;
  Date.now = () => at;
  try {
    return run();
  } finally {
    Date.now = before;
  }
}
