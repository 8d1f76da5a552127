/** Limits how long the guard waits for other code: the host's, a store's or an endpoint's. */

export interface TimeoutOptions {
  /** Milliseconds. */
  readonly ms: number;
  /** What the error says when the time is over. */
  readonly message: string;
  /** Keeps the process alive while it waits. @default false */
  readonly keepAlive?: boolean;
  /** Ends the waiting early: the result is then a rejection with the reason of its abort. */
  readonly signal?: AbortSignal;
}

/** The work took longer than it was allowed to. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/**
 * Runs `work` and returns its result. When the time is over, `signal` aborts and a later result is ignored.
 * @throws TimeoutError when the time is over; the reason of `options.signal` when that aborts; otherwise what `work` throws or rejects with
 */
export async function withTimeout<Result>({ ms, message, keepAlive = false, signal }: TimeoutOptions, work: (signal: AbortSignal) => Result | PromiseLike<Result>): Promise<Result> {
  const controller = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    controller.signal.addEventListener("abort", () => reject(controller.signal.reason as Error), { once: true });
  });
  const abort = () => controller.abort(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const timer = setTimeout(() => controller.abort(new TimeoutError(message)), ms);
  if (!keepAlive) timer.unref();
  // An async function turns a synchronous throw into a rejection, so that `race` always sees both promises.
  const running = async () => work(controller.signal);
  try {
    return await Promise.race([running(), aborted]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/** What `whileOpen` uses of a connection. */
interface Closing {
  once(event: "close", listener: () => void): unknown;
  off(event: "close", listener: () => void): unknown;
}

/**
 * Waits for an answer that an open connection needs. Settles with the answer, or with undefined when the connection closes first.
 * @throws TimeoutError when the time is over; otherwise what the answer rejects with
 */
export async function whileOpen<Answer>(connection: Closing, timeout: TimeoutOptions, answer: Promise<Answer>): Promise<Answer | undefined> {
  let onClose = () => {};
  const closed = new Promise<undefined>((resolve) => { onClose = () => resolve(undefined); });
  connection.once("close", onClose);
  try {
    return await withTimeout(timeout, () => Promise.race([answer, closed]));
  } finally {
    connection.off("close", onClose);
  }
}

/**
 * Milliseconds that a store may take to answer. Several attempts fit into `maxStaleness`, but no store has to answer within
 * less than a second.
 */
export function storeTimeout(maxStaleness: number): number {
  return Math.ceil(Math.min(Math.max(maxStaleness / 4, 1_000), 5_000));
}
