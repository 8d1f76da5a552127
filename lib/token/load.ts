/** One load of keys: what it answers in time, bound; or the error that says why it gave none. */
import { GuardError } from "../guard-error.js";
import { type BoundKey, type Key, bindKey } from "./key.js";

/** @throws GuardError `keys_invalid`, and those of one key */
export function boundKeys(answer: unknown): readonly BoundKey[] {
  if (!Array.isArray(answer)) {
    throw new GuardError("keys_invalid", "The load() of keyRing() did not answer a list of keys: answer such as [{ kid, secret }].");
  }
  return (answer as readonly Key[]).map(bindKey);
}

/**
 * The answer, unless its time is over or it is aborted: then it counts for nothing, also if it comes later.
 * @throws GuardError `load_timeout`, what it was aborted for, and what the answer rejects with
 */
export async function inTime<Answer>(answer: PromiseLike<Answer>, underWay: AbortController, timeout: number, keepsProcess: boolean): Promise<Answer> {
  const { signal } = underWay;
  const timer = setTimeout(() => underWay.abort(tooLate(timeout)), timeout);
  if (!keepsProcess) timer.unref();
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as GuardError), { once: true });
  });
  try {
    const settled = await Promise.race([answer, aborted]);
    signal.throwIfAborted();
    return settled;
  } finally {
    clearTimeout(timer);
  }
}

export function loadError(error: unknown): GuardError {
  if (error instanceof GuardError) return error;
  return new GuardError("keys_not_loaded", "The keys of keyRing() could not be loaded: load() threw, and what it threw is this error's cause.", { cause: error });
}

function tooLate(timeout: number): GuardError {
  return new GuardError("load_timeout", `The keys of keyRing() could not be loaded: load() was not done within ${timeout} ms, so see why it is slow, or give a longer timeout.`);
}
