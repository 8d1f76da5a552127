/**
 * Waits at least so many milliseconds. A timer alone can end some milliseconds too early, because Node counts from the begin of
 * the turn of the event loop in which the timer was set, and that turn may have lasted.
 */
export async function pause(ms: number): Promise<void> {
  const until = performance.now() + ms;
  for (let left = ms; left > 0; left = until - performance.now()) await new Promise((resolve) => setTimeout(resolve, left));
}
