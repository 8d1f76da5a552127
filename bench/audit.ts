// What the audit log costs: a denial that is counted with others, and a record that goes to a file of JSON lines.
import { interleave } from "./framework/interleave.js";
import type { Result, Scale } from "./framework/result.js";
import { summarize } from "./framework/statistics.js";
import { withWorkers } from "./framework/worker.js";

export async function audit({ rounds, short }: Scale): Promise<Result> {
  const batches = short ? 40 : 200;
  const measured = await interleave(["repeated", "jsonl"], rounds, (variant) => withWorkers(["audit"], (worker) => worker.ask<number>(variant, batches)));
  return {
    name: "audit log",
    level: "denials of 100 users and 10 events, p10; records in batches of 1,000 with sync: \"never\", p10",
    columns: ["ns"],
    rows: [
      { variant: "a repeated denial", cells: [summarize(measured.repeated)] },
      { variant: "a record of jsonlAudit", cells: [summarize(measured.jsonl)] },
    ],
    goals: [{ goal: "a repeated denial in the audit log, in ns", atMost: 300, measured: summarize(measured.repeated).median }],
  };
}
