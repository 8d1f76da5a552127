// What code prints and warns of while it runs, kept from the output of the tests.

/** Returns what `run` returns, and the codes and texts of the process warnings that it gave. */
export function warningsOf<Result>(run: () => Result): { result: Result; warnings: string[] } {
  const warnings: string[] = [];
  const original = process.emitWarning.bind(process);
  process.emitWarning = ((message: string, { code = "" }: { code?: string } = {}) => { warnings.push(`${code}: ${message}`); }) as typeof process.emitWarning;
  try {
    return { result: run(), warnings };
  } finally {
    process.emitWarning = original;
  }
}

/** What `run` prints before it returns, or before its promise is first awaited. */
export function printedBy(run: () => unknown): string[] {
  const lines: string[] = [];
  const original = console.log;
  console.log = (line: string) => { lines.push(line); };
  try {
    void run();
    return lines;
  } finally {
    console.log = original;
  }
}
