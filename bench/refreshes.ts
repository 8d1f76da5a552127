// The cost of a refresh: a new token for an open session, over real websockets.
import { interleave } from "./framework/interleave.js";
import type { Result, Scale } from "./framework/result.js";
import { summarize } from "./framework/statistics.js";
import { withWorkers } from "./framework/worker.js";
import { freshSecret } from "./tokens.js";
import type { Measured, Span } from "./workers/meter.js";

export async function refreshes({ rounds, short }: Scale): Promise<Result> {
  const span: Span = { of: "refreshes", warmUp: short ? 500 : 10_000, measured: short ? 2_000 : 20_000 };
  const { refreshed } = await interleave(["refreshed"], rounds, () => withWorkers(["crowd", "load"], async (server, load) => {
    const [secret, subject] = [freshSecret(), "alice"];
    const port = await server.ask<number>("listen", { secret });
    await load.ask("connect", { port, secret, connections: 20, subject });
    const measuring = server.ask<Measured>("meter", span);
    await load.ask("refresh", { secret, subject });
    const { cpu, wall } = await measuring;
    return { perSecond: span.measured / wall * 1000, cpu: cpu / span.measured };
  }));
  return {
    name: "refreshes",
    level: "guard:refresh with an HS256 token, on a server that is saturated by 20 connections",
    columns: ["refreshes/s", "us of CPU"],
    rows: [{ variant: "guarded", cells: [summarize(refreshed.map(({ perSecond }) => perSecond)), summarize(refreshed.map(({ cpu }) => cpu))] }],
    goals: [],
  };
}
