// Time for tests: `Date.now` is replaced, so that a test moves time instead of waiting for it. Timers keep the real time.

const realNow = Date.now;
let replaced: (() => number) | undefined;

export interface TestClock {
  /** Milliseconds that `Date.now` is ahead of the real time, or of the instant at which it stands still. */
  ahead: number;
  advance(ms: number): void;
}

// A process has one time.
const clock: TestClock = { ahead: 0, advance(ms) { this.ahead += ms; } };

/** Call it in a `describe`: each of its tests begins at `at`, and time stands still until the test moves it. Without `at`, time goes on. */
export function useClock(at?: number): TestClock {
  beforeEach(() => replaceNow(at));
  afterEach(restoreClock);
  return clock;
}

/** Replaces `Date.now` in the middle of a test, until `restoreClock`. */
export function startClock(): TestClock {
  if (Date.now !== replaced) replaceNow();
  return clock;
}

export function restoreClock(): void {
  Date.now = realNow;
}

function replaceNow(at?: number): void {
  clock.ahead = 0;
  Date.now = replaced = () => (at ?? realNow()) + clock.ahead;
}

/** Runs something as of another instant. */
export function asOf<Result>(at: number, run: () => Result): Result {
  const before = Date.now;
  Date.now = () => at;
  try {
    return run();
  } finally {
    Date.now = before;
  }
}
