// The cost of finding the pattern of a room name does not grow with the number of patterns.
import { interleave } from "./framework/interleave.js";
import type { Result, Scale } from "./framework/result.js";
import { ratios, summarize } from "./framework/statistics.js";
import { withWorkers } from "./framework/worker.js";
import type { Asked, PatternSet } from "./workers/room-lookup.js";

const sets: Record<PatternSet, string> = {
  mixed: "room-1, private-group1-$id and private-orders1-* in turn",
  middle: "private-$a-kind1-$b, which differ after a param",
  params: "private-$a-$b-$c-$d-kind1-$e, which differ after four params",
  unlisted: "the same, and names that none of them matches",
};
const counts = [10, 10_000] as const;

export async function roomLookup({ rounds, short }: Scale): Promise<Result> {
  const batches = short ? 40 : 200;
  const variants = (Object.keys(sets) as PatternSet[]).flatMap((set) => counts.map((count) => `${set} ${count}` as const));
  const measured = await interleave(variants, rounds, (variant) => {
    const [set, count] = variant.split(" ") as [PatternSet, string];
    return withWorkers(["room-lookup"], (worker) => worker.ask<number>("measure", { set, patterns: Number(count), batches } satisfies Asked));
  });
  const against = (set: PatternSet): number[] => ratios(measured[`${set} 10000`], measured[`${set} 10`]);
  const rows = (Object.keys(sets) as PatternSet[]).flatMap((set) => [
    { variant: `10 patterns: ${sets[set]}`, cells: [summarize(measured[`${set} 10`]), undefined] },
    { variant: "10,000 of them", cells: [summarize(measured[`${set} 10000`]), summarize(against(set))] },
  ]);
  return {
    name: "room lookup",
    level: "RoomTable.find for 10 different names, p10",
    columns: ["ns/name", "x 10 patterns"],
    rows,
    goals: (Object.keys(sets) as PatternSet[]).map((set) => ({ goal: `10,000 room patterns compared with 10 (${set})`, atMost: 3, measured: summarize(against(set)).median })),
  };
}
