// The CPU time of an event over real websockets, with and without an ack.
import { interleave } from "./framework/interleave.js";
import type { Goal, Result, Scale } from "./framework/result.js";
import { ratios, summarize } from "./framework/statistics.js";
import { withWorkers } from "./framework/worker.js";
import { freshSecret } from "./tokens.js";
import type { Variant } from "./variants.js";
import type { Measured, Span } from "./workers/meter.js";

const compared = ["bare", "guarded", "limits and audit", "usual, string secret", "usual, KeyObject"] as const satisfies Variant[];
type Compared = (typeof compared)[number];

export const events = (scale: Scale): Promise<Result> => benchEvents(scale, false);
export const eventsWithAcks = (scale: Scale): Promise<Result> => benchEvents(scale, true);

async function benchEvents({ rounds, short }: Scale, acks: boolean): Promise<Result> {
  const measured = await interleave(compared, rounds, (variant) => measure(variant, spanOf(variant, acks, short), acks));
  const perEvent = (variant: Compared): number[] => measured[variant].map(({ cpu }) => cpu / spanOf(variant, acks, short).measured);
  const rows = compared.map((variant) => ({
    variant,
    cells: [
      summarize(measured[variant].map(({ wall }) => spanOf(variant, acks, short).measured / wall * 1000)),
      summarize(perEvent(variant).map((microseconds) => microseconds / 10)),
      summarize(ratios(perEvent(variant), perEvent("bare"))),
    ],
  }));
  const against = (variant: Compared, base: Compared): number => summarize(ratios(perEvent(variant), perEvent(base))).median;
  return {
    name: acks ? "events with acks" : "events without acks",
    level: "CPU of the server process, saturated by 20 real websockets",
    columns: ["events/s", "CPU-s per 100,000", "x bare"],
    rows,
    goals: goals(acks, against),
  };
}

function goals(acks: boolean, against: (variant: Compared, base: Compared) => number): Goal[] {
  const how = acks ? "with acks" : "without acks";
  return [
    { goal: `CPU per event compared with bare, ${how}`, atMost: acks ? 0.7 : 0.95, measured: against("guarded", "bare") },
    { goal: `throughput with limits and audit compared with bare, ${how}`, atLeast: 0.97, measured: against("bare", "limits and audit") },
    { goal: `the usual way with a string secret compared with guarded, ${how}`, atLeast: acks ? 40 : 130, measured: against("usual, string secret", "guarded") },
    { goal: `the usual way with a KeyObject compared with guarded, ${how}`, atLeast: acks ? 2 : 5, measured: against("usual, KeyObject", "guarded") },
  ];
}

// Each variant runs for at least a second of CPU time, after it is warm. Verifying with a string secret is a hundred times
// slower, and nearly all of it is native code.
function spanOf(variant: Compared, acks: boolean, short: boolean): Span {
  const [warmUp, measured] = variant === "usual, string secret" ? [3_000, 4_000]
    : variant === "usual, KeyObject" ? [60_000, 100_000]
    : acks ? [80_000, 200_000] : [150_000, 400_000];
  return { of: "events", warmUp: short ? warmUp / 4 : warmUp, measured: short ? measured / 8 : measured };
}

function measure(variant: Compared, span: Span, acks: boolean): Promise<Measured> {
  return withWorkers(["server", "load"], async (server, load) => {
    const secret = freshSecret();
    const port = await server.ask<number>("listen", { variant, secret });
    await load.ask("connect", { port, secret, connections: 20 });
    const measuring = server.ask<Measured>("meter", span);
    await load.ask(acks ? "saturateWithAcks" : "saturate");
    return measuring;
  });
}
