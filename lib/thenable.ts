/** Whether something is a promise, of whatever make: what answers at once is not made to wait for a tick. */
export function isThenable<Value>(value: Value): value is Extract<Value, PromiseLike<unknown>> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
