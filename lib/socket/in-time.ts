/** Waits for an answer that an open connection needs. */
import type { Core } from "./core.js";
import type { SocketInternals } from "./internals.js";

/** The answer; or what `over` says once `authenticateTimeout` has passed (then the answer is late) or the connection has closed. */
export async function inTime<Answer>(
  core: Core, { client: { conn } }: SocketInternals, answer: Promise<Answer>, over: (isLate: boolean) => Answer,
): Promise<Answer> {
  let end = (_isLate: boolean) => {};
  const ended = new Promise<Answer>((resolve) => { end = (isLate) => resolve(over(isLate)); });
  const closed = () => end(false);
  const timer = setTimeout(() => end(true), core.authenticateTimeout);
  conn.once("close", closed);
  try {
    return await Promise.race([answer, ended]);
  } finally {
    clearTimeout(timer);
    conn.off("close", closed);
  }
}
