// The guard's own work for an allowed event. It does not grow with the number of rules or sockets.
import { interleave } from "./framework/interleave.js";
import type { Result, Scale } from "./framework/result.js";
import { ratios, summarize } from "./framework/statistics.js";
import { withWorkers } from "./framework/worker.js";
import type { Asked } from "./workers/verdict.js";

const compared = {
  "10 rules, 1 socket": { rules: 10, sockets: 1, questions: 10 },
  "10,000 rules, 1 socket": { rules: 10_000, sockets: 1, questions: 10 },
  "10 rules, 10,000 sockets": { rules: 10, sockets: 10_000, questions: 10 },
  "10,000 rules, 10,000 sockets": { rules: 10_000, sockets: 10_000, questions: 10 },
  // These do not fit into the processor's caches, so that this measures the speed of memory. A bare event depends on it, too.
  "10,000 of each, in turn": { rules: 10_000, sockets: 10_000, questions: 10_000 },
};
type Compared = keyof typeof compared;

export async function verdict({ rounds, short }: Scale): Promise<Result> {
  const batches = short ? 100 : 400;
  const variants = Object.keys(compared) as Compared[];
  const measured = await interleave(variants, rounds, (variant) => {
    const size = compared[variant];
    const asked: Asked = { ...size, repeated: Math.ceil(10_000 / size.questions), batches };
    return withWorkers(["verdict"], (worker) => worker.ask<number>("measure", asked));
  });
  const { clock } = await interleave(["clock"], rounds, () => withWorkers(["verdict"], (worker) => worker.ask<number>("clock", batches)));
  const most = (variant: Compared): number => summarize(ratios(measured[variant], measured["10 rules, 1 socket"])).median;
  return {
    name: "one verdict",
    level: "session, rule and check of an allowed event, without Socket.IO, p10; 10 different events of at most 10 sockets, unless the row says more",
    columns: ["ns/verdict"],
    rows: [
      ...variants.map((variant) => ({ variant, cells: [summarize(measured[variant])] })),
      { variant: "Date.now(), which is included", cells: [summarize(clock)] },
    ],
    goals: [
      { goal: "one verdict, in ns", atMost: 80, measured: summarize(measured["10 rules, 1 socket"]).median },
      { goal: "10,000 rules and 10,000 sockets compared with 10 and 1", atMost: 1.25, measured: most("10,000 rules, 10,000 sockets") },
    ],
  };
}
