/** Small helpers for promises that wait for a room. */
import type { Parts } from "./connection.js";

export interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A promise with the functions that settle it. It may reject without anybody waiting for it. */
export function deferred(): Deferred {
  let made!: Omit<Deferred, "promise">;
  const promise = new Promise<void>((resolve, reject) => { made = { resolve, reject }; });
  promise.catch(() => undefined);
  return { promise, ...made };
}

/** Rejects with the sentence if the promise is not settled within `ackTimeout`. */
export async function inTime<Value>({ time, ackTimeout }: Parts, promise: Promise<Value>, sentence: string): Promise<Value> {
  let timer: unknown;
  const late = new Promise<never>((_, reject) => {
    timer = time.setTimeout(() => reject(new Error(sentence)), ackTimeout);
  });
  return Promise.race([promise, late]).finally(() => time.clearTimeout(timer));
}
