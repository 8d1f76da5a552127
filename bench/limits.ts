// The cost of one check of a limit, and the memory of a key, with 100,000 keys that are checked in random order.
import { interleave } from "./framework/interleave.js";
import type { Result, Scale } from "./framework/result.js";
import { ratios, summarize } from "./framework/statistics.js";
import { withWorkers } from "./framework/worker.js";
import type { Asked, Measured } from "./workers/limits.js";

const keys = 100_000;

const loads = {
  "5/1s, in a flood": { rate: "5/1s", checksPerSecond: 10_000_000 },
  "20/10s, in a flood": { rate: "20/10s", checksPerSecond: 10_000_000 },
  "10000/10s, in a flood": { rate: "10000/10s", checksPerSecond: 10_000_000 },
  "20/10s, each key 1.6 times a second": { rate: "20/10s", checksPerSecond: 160_000 },
} as const satisfies Record<string, Pick<Asked, "rate" | "checksPerSecond">>;
const ways = ["windows", "map"] as const;

type Load = keyof typeof loads;

export async function limits({ rounds, short }: Scale): Promise<Result> {
  const batches = short ? 100 : 400;
  const variants = (Object.keys(loads) as Load[]).flatMap((load) => ways.map((way) => `${way} ${load}` as const));
  const measured = await interleave(variants, rounds, (variant) => {
    const way = ways.find((name) => variant.startsWith(name))!;
    const { rate, checksPerSecond } = loads[variant.slice(way.length + 1) as Load];
    return withWorkers(["limits"], (worker) => worker.ask<Measured>("measure", { way, rate, keys, checksPerSecond, batches } satisfies Asked));
  });
  const times = (variant: (typeof variants)[number]): number[] => measured[variant].map(({ nanoseconds }) => nanoseconds);
  const bytes = (variant: (typeof variants)[number]): number[] => measured[variant].map(({ bytesPerKey }) => bytesPerKey);
  return {
    name: "limits",
    level: `one take of ${keys.toLocaleString("en")} keys in random order, p10, and the memory of all keys`,
    columns: ["ns/check", "bytes/key", "ns x Map"],
    rows: (Object.keys(loads) as Load[]).flatMap((load) => [
      { variant: load, cells: [summarize(times(`windows ${load}`)), summarize(bytes(`windows ${load}`)), summarize(ratios(times(`windows ${load}`), times(`map ${load}`)))] },
      { variant: "a Map of arrays", cells: [summarize(times(`map ${load}`)), summarize(bytes(`map ${load}`)), undefined] },
    ]),
    goals: (Object.keys(loads) as Load[]).flatMap((load) => [
      ...(load.includes("flood") ? [{ goal: `ns a check of a limit (${load})`, atMost: 100, measured: summarize(times(`windows ${load}`)).median }] : []),
      { goal: `bytes a key of a limit (${load})`, atMost: 64, measured: summarize(bytes(`windows ${load}`)).median },
    ]),
  };
}
