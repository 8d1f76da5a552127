/** Waits for an answer for a short time. */
import { TimeoutError } from "../timeout.js";

/**
 * Settles as the answer does, or rejects when the time is over. An answer that came while this process was busy with something else
 * is in time: the process reads it before it gives up.
 * @throws TimeoutError
 */
export function inTime<Answer>(ms: number, message: string, answer: Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new TimeoutError(message));
    const timer = setTimeout(() => setImmediate(giveUp), ms).unref();
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
