/** How the guard calls code of the host: listeners must not stop each other, and an answer may be a promise. */

/** Calls a host callback. If it throws, the error is rethrown on the next tick, so that other listeners still run. */
export function callListener(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    process.nextTick(() => { throw error; });
  }
}

/** Whether a value is a promise of any kind. Values that are not promises are used at once, without waiting for a tick. */
export function isPromiseLike<Value>(value: Value): value is Extract<Value, PromiseLike<unknown>> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

/** The result of `work`, or undefined if it throws. */
export function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
