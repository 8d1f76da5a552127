/** Waits for an answer that an open connection needs. */
import { withTimeout, type TimeoutOptions } from "../timeout.js";
import type { EngineConnection } from "./internals.js";

/**
 * Settles with the answer, or with undefined when the connection closes first.
 * @throws TimeoutError when the time is over; otherwise what the answer rejects with
 */
export async function whileOpen<Answer>(conn: EngineConnection, timeout: TimeoutOptions, answer: Promise<Answer>): Promise<Answer | undefined> {
  let onClose = () => {};
  const closed = new Promise<undefined>((resolve) => { onClose = () => resolve(undefined); });
  conn.once("close", onClose);
  try {
    return await withTimeout(timeout, () => Promise.race([answer, closed]));
  } finally {
    conn.off("close", onClose);
  }
}
