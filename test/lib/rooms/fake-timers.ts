// Replaces the timers and `Date.now`, so that a test decides when time passes. (The mock timers of Node 20 run a timer again
// and again if it sets an immediate.)

interface Timer {
  readonly run: () => void;
  readonly every: number | undefined;
  at: number;
  unref(): Timer;
}

const names = ["setTimeout", "setInterval", "setImmediate", "clearTimeout", "clearInterval", "clearImmediate"] as const;
type Globals = Record<(typeof names)[number], unknown>;

const globals = globalThis as unknown as Globals;
const real = Object.fromEntries(names.map((name) => [name, globals[name]])) as Globals;
const realNow = Date.now;

const active = new Set<Timer>();
let now = 0;

/** For `beforeEach`. */
export function useFakeTimers(): void {
  active.clear();
  now = 1_000_000;
  Date.now = () => now;
  const set = (run: (...given: unknown[]) => void, wait: number, every: number | undefined, given: readonly unknown[]): Timer => {
    const timer: Timer = { run: () => run(...given), every, at: now + wait, unref: () => timer };
    active.add(timer);
    return timer;
  };
  const clear = (timer: Timer) => void active.delete(timer);
  globals.setTimeout = (run: () => void, wait: number, ...given: unknown[]) => set(run, wait, undefined, given);
  globals.setInterval = (run: () => void, wait: number, ...given: unknown[]) => set(run, wait, wait, given);
  globals.setImmediate = (run: () => void, ...given: unknown[]) => set(run, 0, undefined, given);
  globals.clearTimeout = globals.clearInterval = globals.clearImmediate = clear;
}

/** For `afterEach`. */
export function restoreTimers(): void {
  Object.assign(globals, real);
  Date.now = realNow;
}

/** Time passes, and the timers that are due run in their turn. */
export function pass(ms: number): void {
  const until = now + ms;
  for (let next = first(until); next !== undefined; next = first(until)) {
    now = Math.max(now, next.at);
    if (next.every === undefined) active.delete(next);
    else next.at += next.every;
    next.run();
  }
  now = until;
}

/** As after the process was suspended: time has passed, and each timer that is due runs once. */
export function jump(ms: number): void {
  now += ms;
  for (const timer of active) if (timer.every !== undefined && timer.at < now) timer.at = now;
  pass(0);
}

/** The number of timers that are set now. */
export function activeTimers(): number {
  return active.size;
}

function first(until: number): Timer | undefined {
  let found: Timer | undefined;
  for (const timer of active) if (timer.at <= until && (found === undefined || timer.at < found.at)) found = timer;
  return found;
}
