// The server that is measured: it counts what reaches it, and reads its own CPU time from one count to another.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { answerCommands } from "../framework/worker.js";
import { createVariant, type Variant } from "../variants.js";

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

function count(what: Span["of"]): void {
  if (++counts[what] === next[what]) ends[what]!();
}

async function listen({ variant, secret }: { variant: Variant; secret: string }): Promise<number> {
  const web = createServer();
  createVariant(variant, web, secret, () => count("events"), () => count("connections"));
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  return (web.address() as AddressInfo).port;
}

/** What it costs to handle `measured` of them, after `warmUp`. */
async function meter({ of, warmUp, measured }: Span): Promise<Measured> {
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

/** Bytes of live heap: what is left after several collections. */
async function heap(): Promise<number> {
  for (let collection = 0; collection < 4; collection++) {
    await new Promise((resolve) => setImmediate(resolve));
    global.gc!();
  }
  return process.memoryUsage().heapUsed;
}

answerCommands({ listen, meter, heap });
