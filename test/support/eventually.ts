// How a test waits for what no event tells.

const longestWait = 15_000;

/** Settles once the condition holds, which is checked on each turn of the event loop. If it does not hold in time, the error says what was awaited. */
export async function eventually(condition: () => unknown, awaited: string): Promise<void> {
  const until = performance.now() + longestWait;
  while (!await condition()) {
    if (performance.now() > until) throw new Error(`Waited ${longestWait} ms in vain: ${awaited}`);
    await new Promise((resolve) => void setImmediate(resolve));
  }
}
