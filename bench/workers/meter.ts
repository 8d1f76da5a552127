// Counts the events of a measured server, and reads its CPU time between two counts.

export interface Measured {
  /** CPU time of the whole process, user and system, in microseconds. */
  cpu: number;
  /** Wall time in milliseconds. */
  wall: number;
}
export interface Span {
  of: "events" | "connections" | "refreshes" | "joins";
  warmUp: number;
  measured: number;
}

const ignore = (): void => undefined;
const counters: Record<Span["of"], () => void> = { events: ignore, connections: ignore, refreshes: ignore, joins: ignore };

export function count(what: Span["of"]): void {
  counters[what]();
}

/** The cost of `measured` events, after `warmUp` events. It is read at the exact count, because one read of a socket brings hundreds of events. */
export function meter({ of, warmUp, measured }: Span): Promise<Measured> {
  return new Promise((resolve) => {
    let counted = 0;
    let before: NodeJS.CpuUsage;
    let start: number;
    counters[of] = () => {
      counted++;
      if (counted === warmUp) {
        before = process.cpuUsage();
        start = performance.now();
      } else if (counted === warmUp + measured) {
        const { user, system } = process.cpuUsage(before);
        resolve({ cpu: user + system, wall: performance.now() - start });
      }
    };
  });
}
