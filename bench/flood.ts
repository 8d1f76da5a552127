// How long other clients wait while one client sends as many events as fit into a POST.
import { interleave } from "./framework/interleave.js";
import type { Result, Scale } from "./framework/result.js";
import { summarize, type Summary } from "./framework/statistics.js";
import { withWorkers } from "./framework/worker.js";
import { freshSecret } from "./tokens.js";
import type { Flooded } from "./workers/server.js";

const compared = ["bare", "guarded"] as const;
type Compared = (typeof compared)[number];

interface Measured extends Flooded {
  readonly roundTrip: number;
}

const events = 66_000;

export async function flood({ rounds }: Scale): Promise<Result> {
  const measured = await interleave(compared, rounds, (variant) => withWorkers(["server", "load"], async (server, load): Promise<Measured> => {
    const secret = freshSecret();
    const port = await server.ask<number>("listen", { variant, secret, polling: true });
    await server.ask("watch");
    const roundTrip = await load.ask<number>("flood", { port, secret, events });
    return { roundTrip, ...await server.ask<Flooded>("watched") };
  }));
  const of = (variant: Compared, part: keyof Measured): Summary => summarize(measured[variant].map((one) => one[part]));
  return {
    name: "flood",
    level: `${events.toLocaleString("en")} events in one POST, while another client waits for acks on its websocket`,
    columns: ["longest stall, ms", "most CPU in a turn, ms", "longest round trip of the other client, ms", "events handled"],
    rows: compared.map((variant) => ({ variant, cells: [of(variant, "stall"), of(variant, "busy"), of(variant, "roundTrip"), of(variant, "handled")] })),
    goals: [{ goal: "CPU of the longest turn during a flood, in ms", atMost: 100, measured: of("guarded", "busy").median }],
  };
}
