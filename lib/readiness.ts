/** Whether a node can do its work, for a readiness probe. */

export interface Readiness {
  readonly ready: boolean;
  /** Epoch milliseconds. */
  readonly notReadySince?: number;
  /** What is not ready: the names of authenticators whose keys are not loaded, `store` if it cannot be read, `guard` once it is closed. */
  readonly notReady: readonly string[];
}

/** The parts of a guard by name, with the instant since which each is not ready; undefined if it is ready. */
export function readinessOf(parts: readonly (readonly [name: string, notReadySince: number | undefined])[]): Readiness {
  const notReady = new Map(parts.filter((part): part is [string, number] => part[1] !== undefined));
  if (notReady.size === 0) return { ready: true, notReady: [] };
  return { ready: false, notReadySince: Math.min(...notReady.values()), notReady: [...notReady.keys()] };
}
