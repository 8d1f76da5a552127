// What one connected socket keeps on the heap, after collections.
import { interleave } from "./framework/interleave.js";
import type { Result, Scale } from "./framework/result.js";
import { summarize } from "./framework/statistics.js";
import { withWorkers } from "./framework/worker.js";
import { freshSecret } from "./tokens.js";

const compared = ["bare", "guarded"] as const;

export async function memory({ rounds, short }: Scale): Promise<Result> {
  const connections = short ? 1_000 : 4_000;
  const measured = await interleave(compared, rounds, (variant) =>
    withWorkers(["server", "load"], async (server, load) => {
      const secret = freshSecret();
      const port = await server.ask<number>("listen", { variant, secret });
      await load.ask("connect", { port, secret, connections: 200 }); // what is compiled or made once is there before
      const before = await server.ask<number>("heap");
      await load.ask("connect", { port, secret, connections });
      return (await server.ask<number>("heap") - before) / connections;
    }));

  const more = measured.guarded.map((bytes, round) => bytes - measured.bare[round]!);
  return {
    name: "memory",
    level: `live heap for one socket, of ${connections.toLocaleString("en")} on real websockets`,
    columns: ["bytes/socket", "more than bare"],
    rows: [
      { variant: "bare", cells: [summarize(measured.bare), undefined] },
      { variant: "guarded", cells: [summarize(measured.guarded), summarize(more)] },
    ],
    goals: [{ goal: "bytes a guarded socket needs more than a bare one", atMost: 1_000, measured: summarize(more).median }],
  };
}
