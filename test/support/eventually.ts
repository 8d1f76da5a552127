// How a test waits for a condition that no event announces.

const longestWait = 15_000;

/** Resolves when the condition holds. It is checked on each turn of the event loop. If it does not hold in time, the error says what was awaited. */
export async function eventually(condition: () => unknown, awaited: string): Promise<void> {
  const until = performance.now() + longestWait;
  while (!await condition()) {
    if (performance.now() > until) throw new Error(`This did not happen within ${longestWait} ms: ${awaited}`);
    await new Promise((resolve) => void setImmediate(resolve));
  }
}
