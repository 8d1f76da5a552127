// Shows that the cost of an event does not depend on the number of revocations.
import { interleave } from "./framework/interleave.js";
import type { Result, Scale } from "./framework/result.js";
import { ratios, summarize } from "./framework/statistics.js";
import { withWorkers } from "./framework/worker.js";
import type { Answer, Asked } from "./workers/inside.js";

const known = { "0": 0, "10,000": 10_000, "1,000,000": 1_000_000 };
type Known = keyof typeof known;

export async function revocations({ rounds, short }: Scale): Promise<Result> {
  const counts = (short ? ["0", "10,000"] : Object.keys(known)) as Known[];
  const blocks = short ? { warmUp: 600, blocks: 300 } : { warmUp: 1_500, blocks: 1_500 };
  const measured = await interleave(counts, rounds, (count) =>
    withWorkers(["inside"], async (inside) => {
      const asked: Asked = { variant: "guarded", level: "packet", revocations: known[count], ...blocks };
      return (await inside.ask<Answer>("measure", asked)).event;
    }));
  const against = (count: Known): number[] => ratios(measured[count], measured["0"]);
  const most = counts.at(-1)!;
  return {
    name: "revocations in memory",
    level: "an allowed event, from its decoded packet to the end of its handler, p10, by the number of revoked tokens and users",
    columns: ["ns/event", "x none"],
    rows: counts.map((count) => ({ variant: count, cells: [summarize(measured[count]), summarize(against(count))] })),
    goals: [{ goal: `an event with ${most} revocations compared with none`, atMost: 1.05, measured: summarize(against(most)).median }],
  };
}
