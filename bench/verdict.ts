// What the guard itself does for an event that is allowed, and that it does not grow with rules or sockets.
import { interleave } from "./framework/interleave.js";
import type { Result, Scale } from "./framework/result.js";
import { summarize } from "./framework/statistics.js";
import { withWorkers } from "./framework/worker.js";
import type { Asked } from "./workers/verdict.js";

const compared = ["10 rules, 1 socket", "10,000 rules, 1 socket", "10 rules, 10,000 sockets", "10,000 rules, 10,000 sockets"] as const;

export async function verdict({ rounds, short }: Scale): Promise<Result> {
  const size = { verdicts: 20_000, batches: short ? 60 : 300 };
  const measured = await interleave(compared, rounds, (variant) =>
    withWorkers(["verdict"], (worker) => worker.ask<number>("measure", { ...sizesOf(variant), ...size } satisfies Asked)));
  return {
    name: "one verdict",
    level: "session, rule and check of an allowed event, nothing of Socket.IO, p10",
    columns: ["ns/verdict"],
    rows: compared.map((variant) => ({ variant, cells: [summarize(measured[variant])] })),
    goals: [{ goal: "one verdict, in ns", atMost: 70, measured: summarize(measured["10 rules, 1 socket"]).median }],
  };
}

function sizesOf(variant: (typeof compared)[number]): Pick<Asked, "rules" | "sockets"> {
  return { rules: variant.startsWith("10,000 rules") ? 10_000 : 10, sockets: variant.endsWith("10,000 sockets") ? 10_000 : 1 };
}
