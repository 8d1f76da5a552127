// Counts what reaches a server that is measured, and reads its own CPU time from one count to another.

export interface Measured {
  /** CPU time of the whole process, user and system, in microseconds. */
  cpu: number;
  /** Wall time in milliseconds. */
  wall: number;
}
export interface Span {
  of: "events" | "connections";
  warmUp: number;
  measured: number;
}

const counts = { events: 0, connections: 0 };
const ends: Partial<Record<Span["of"], () => void>> = {};
const next = { events: Infinity, connections: Infinity };

export function count(what: Span["of"]): void {
  if (++counts[what] === next[what]) ends[what]!();
}

/** What it costs to handle `measured` of them, after `warmUp`. */
export async function meter({ of, warmUp, measured }: Span): Promise<Measured> {
  await reached(of, warmUp);
  const cpu = process.cpuUsage();
  const wall = performance.now();
  await reached(of, warmUp + measured);
  const used = process.cpuUsage(cpu);
  return { cpu: used.user + used.system, wall: performance.now() - wall };
}

function reached(what: Span["of"], target: number): Promise<void> {
  return new Promise((resolve) => {
    next[what] = target;
    ends[what] = resolve;
  });
}
