/** Limits how long the guard waits for other code: the host's, a store's or an endpoint's. */

export interface TimeoutOptions {
  /** Milliseconds. */
  readonly ms: number;
  /** What the error says when the time is over. */
  readonly message: string;
  /** Keeps the process alive while it waits. @default false */
  readonly keepAlive?: boolean;
}

/** The work took longer than it was allowed to. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/**
 * Runs `work` and returns its result. When the time is over, `signal` aborts and a later result is ignored.
 * @throws TimeoutError when the time is over; otherwise what `work` throws or rejects with
 */
export async function withTimeout<Result>({ ms, message, keepAlive = false }: TimeoutOptions, work: (signal: AbortSignal) => Result | PromiseLike<Result>): Promise<Result> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new TimeoutError(message);
      controller.abort(error);
      reject(error);
    }, ms);
    if (!keepAlive) timer.unref();
  });
  // An async function turns a synchronous throw into a rejection, so that `race` always sees both promises.
  const running = async () => work(controller.signal);
  try {
    return await Promise.race([running(), timedOut]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Milliseconds that a store may take to answer. Several attempts fit into `maxStaleness`, but no store has to answer within
 * less than a second.
 */
export function storeTimeout(maxStaleness: number): number {
  return Math.ceil(Math.min(Math.max(maxStaleness / 4, 1_000), 5_000));
}
