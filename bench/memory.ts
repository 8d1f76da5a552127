// The heap that a connected socket needs, after garbage collections.
import { interleave } from "./framework/interleave.js";
import type { Result, Scale } from "./framework/result.js";
import { summarize } from "./framework/statistics.js";
import { withWorkers } from "./framework/worker.js";
import { freshSecret } from "./tokens.js";

const compared = ["bare", "guarded"] as const;

const connections = 4_000;

export async function memory({ rounds }: Scale): Promise<Result> {
  const measured = await interleave(compared, rounds, (variant) =>
    withWorkers(["server", "load"], async (server, load) => {
      const secret = freshSecret();
      const port = await server.ask<number>("listen", { variant, secret });
      // What exists once is there before the measurement, compiled code included: 300 kB of it come only after many connections.
      await load.ask("connect", { port, secret, connections: 2_000 });
      const before = await server.ask<number>("heap");
      await load.ask("connect", { port, secret, connections });
      return (await server.ask<number>("heap") - before) / connections;
    }));

  const more = measured.guarded.map((bytes, round) => bytes - measured.bare[round]!);
  return {
    name: "memory",
    level: `live heap per socket, with ${connections.toLocaleString("en")} on real websockets`,
    columns: ["bytes/socket", "more than bare"],
    rows: [
      { variant: "bare", cells: [summarize(measured.bare), undefined] },
      { variant: "guarded", cells: [summarize(measured.guarded), summarize(more)] },
    ],
    goals: [{ goal: "additional bytes of a guarded socket", atMost: 1_000, measured: summarize(more).median }],
  };
}
