// The measured server.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { answerCommands } from "../framework/worker.js";
import { createVariant, guardOf, type Variant } from "../variants.js";
import { watchLoop, type Turns } from "./loop.js";
import { count, meter } from "./meter.js";

async function listen({ variant, secret, polling = false }: { variant: Variant; secret: string; polling?: boolean }): Promise<number> {
  const web = createServer();
  io = createVariant(variant, web, secret, () => { handled++; count("events"); }, () => count("connections"), polling);
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  return (web.address() as AddressInfo).port;
}

let io: ReturnType<typeof createVariant>;
let handled = 0;
let stopWatching = (): Turns => ({ stall: 0, busy: 0 });

function watch(): void {
  handled = 0;
  stopWatching = watchLoop();
}

export interface Flooded extends Turns {
  /** The number of events that reached the handler. */
  readonly handled: number;
}

function watched(): Flooded {
  return { ...stopWatching(), handled };
}

/** Bytes of live heap, after several garbage collections. */
async function heap(): Promise<number> {
  for (let collection = 0; collection < 4; collection++) {
    await new Promise((resolve) => setImmediate(resolve));
    global.gc!();
  }
  return process.memoryUsage().heapUsed;
}

export interface Served {
  /** Events that were handled or denied. */
  readonly events: number;
  /** CPU time of the whole process, user and system, in microseconds. */
  readonly cpu: number;
}

/** What the server does while this many milliseconds pass. */
async function during(milliseconds: number): Promise<Served> {
  const before = { events: decided(), cpu: process.cpuUsage() };
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  const { user, system } = process.cpuUsage(before.cpu);
  return { events: decided() - before.events, cpu: user + system };
}

/** Events that were handled, and that were denied. */
function decided(): number {
  const denied = guardOf(io)?.stats().verdicts.filter(({ code }) => code !== "allowed") ?? [];
  return denied.reduce((sum, { count }) => sum + count, handled);
}

answerCommands({ during, listen, meter, heap, watch, watched });
