// Counts in the windows of many keys, on the built package and in the plain way.
import { setTimeout } from "node:timers/promises";
import type * as Keys from "../../lib/limits/limit-key.js";
import type * as Rates from "../../lib/limits/rate.js";
import type * as WindowsFile from "../../lib/limits/windows.js";
import { quantile } from "../framework/statistics.js";
import { answerCommands } from "../framework/worker.js";

export interface Asked {
  readonly way: "windows" | "map";
  readonly rate: string;
  readonly keys: number;
  readonly checksPerSecond: number;
  readonly batches: number;
}

export interface Measured {
  /** The 10th percentile of all batches. */
  readonly nanoseconds: number;
  readonly bytesPerKey: number;
}

type Key = Keys.LimitKey;
interface Counted {
  take(key: Key, now: number): number;
}

const { LimitKey } = await built<typeof Keys>("limits/limit-key.js");
const { readRate } = await built<typeof Rates>("limits/rate.js");
const { Windows } = await built<typeof WindowsFile>("limits/windows.js");

/** A Map of arrays of instants: what is written first. */
class PlainWindows implements Counted {
  readonly #rate: Rates.ParsedRate;
  readonly #taken = new Map<string, number[]>();

  constructor(rate: Rates.ParsedRate) {
    this.#rate = rate;
  }

  take({ text }: Key, now: number): number {
    const { count, window } = this.#rate;
    let taken = this.#taken.get(text);
    if (taken === undefined) this.#taken.set(text, taken = []);
    while (taken.length > 0 && taken[0]! <= now - window) taken.shift();
    if (taken.length >= count) return Math.ceil(taken[0]! + window - now);
    taken.push(now);
    return 0;
  }
}

const batchLength = 4_096;

async function measure({ way, rate, keys: count, checksPerSecond, batches }: Asked): Promise<Measured> {
  const keys = shuffled(Array.from({ length: count }, (_, nth) => new LimitKey(`user-${nth}`)));
  const asked = Uint32Array.from({ length: batches * batchLength }, () => Math.floor(Math.random() * count));
  if (way === "windows") warmUp(keys);
  const before = await used();
  const windows: Counted = way === "windows" ? new Windows(readRate(rate, "rate"), count) : new PlainWindows(readRate(rate, "rate"));
  let now = performance.now();
  for (const key of keys) windows.take(key, now);
  const perCheck: number[] = [];
  for (let batch = 0; batch < batches; batch += 1) {
    const end = (batch + 1) * batchLength;
    const start = process.hrtime.bigint();
    for (let at = batch * batchLength; at < end; at += 1) windows.take(keys[asked[at]!]!, now += 1_000 / checksPerSecond);
    perCheck.push(Number(process.hrtime.bigint() - start) / batchLength);
  }
  const bytesPerKey = (await used() - before) / count;
  // Nothing may be freed before the memory was read.
  if (windows.take(keys[asked[0]!]!, now) < 0) throw new Error("No wait is negative.");
  return { nanoseconds: quantile(perCheck.slice(batches / 4), 0.1), bytesPerKey };
}

// A server counts by several rates, so the compiler must not see only one sort of windows.
function warmUp(keys: readonly Key[]): void {
  for (const rate of ["5/1s", "20/10s", "100000/1d"]) {
    const windows = new Windows(readRate(rate, "rate"), 1_000);
    for (let nth = 0; nth < 20_000; nth += 1) windows.take(keys[nth % 1_500]!, nth);
  }
}

function shuffled<Item>(items: Item[]): Item[] {
  for (let at = items.length - 1; at > 0; at -= 1) {
    const other = Math.floor(Math.random() * (at + 1));
    [items[at], items[other]] = [items[other]!, items[at]!];
  }
  return items;
}

async function used(): Promise<number> {
  // Memory of arrays is freed by another thread.
  for (let time = 0; time < 3; time += 1) {
    global.gc!();
    await setTimeout(20);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

// The internals of the package as it is published, not as tsx would compile it.
function built<Module>(file: string): Promise<Module> {
  return import(new URL(`../../dist/${file}`, import.meta.url).href) as Promise<Module>;
}

answerCommands({ measure });
