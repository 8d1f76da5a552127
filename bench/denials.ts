// A flood of events that are over their limit, with an audit log: what one of them costs, and how long an honest client waits meanwhile.
import { interleave } from "./framework/interleave.js";
import type { Result, Scale } from "./framework/result.js";
import { quantile, ratios, summarize } from "./framework/statistics.js";
import { withWorkers } from "./framework/worker.js";
import { freshSecret } from "./tokens.js";
import type { Served } from "./workers/server.js";

const compared = ["bare", "over its limit"] as const;
type Compared = (typeof compared)[number];

interface Measured extends Served {
  readonly milliseconds: number;
  /** The 99th percentile of the honest client's round trips, in milliseconds. */
  readonly honest: number;
}

export async function denials({ rounds, short }: Scale): Promise<Result> {
  const milliseconds = short ? 2_000 : 6_000;
  const measured = await interleave(compared, rounds, (variant) => withWorkers(["server", "load", "load"], async (server, flood, client): Promise<Measured> => {
    const secret = freshSecret();
    const port = await server.ask<number>("listen", { variant, secret });
    await flood.ask("connect", { port, secret, connections: 20 });
    await flood.ask("saturate");
    await server.ask("during", 1_000);
    const [served, taken] = await Promise.all([server.ask<Served>("during", milliseconds), client.ask<number[]>("roundTrips", { port, secret, milliseconds })]);
    return { ...served, milliseconds, honest: quantile(taken, 0.99) };
  }));
  const perEvent = (variant: Compared): number[] => measured[variant].map(({ cpu, events }) => cpu / events);
  const honest = (variant: Compared): number[] => measured[variant].map((one) => one.honest);
  return {
    name: "denials",
    level: "20 websockets send as fast as they can. CPU of the server process, and round trips of another client",
    columns: ["events/s", "us of CPU an event", "x bare", "p99 of the honest client, ms"],
    rows: compared.map((variant) => ({
      variant,
      cells: [
        summarize(measured[variant].map(({ events, milliseconds }) => events / milliseconds * 1_000)), summarize(perEvent(variant)),
        summarize(ratios(perEvent(variant), perEvent("bare"))), summarize(honest(variant)),
      ],
    })),
    goals: [
      { goal: "an event over its limit, with an audit log, compared with a handled one of bare Socket.IO", atMost: 1, measured: summarize(ratios(perEvent("over its limit"), perEvent("bare"))).median },
      { goal: "p99 of an honest client during a flood, in ms", atMost: 50, measured: summarize(honest("over its limit")).median },
    ],
  };
}
