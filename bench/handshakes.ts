// What a whole connection costs: TCP, the upgrade, CONNECT with an HS256 token, and the end of it.
import { interleave } from "./framework/interleave.js";
import type { Result, Scale } from "./framework/result.js";
import { ratios, summarize } from "./framework/statistics.js";
import { withWorkers } from "./framework/worker.js";
import { freshSecret } from "./tokens.js";
import type { Measured, Span } from "./workers/server.js";

const compared = ["bare", "guarded", "usual, string secret", "usual, KeyObject"] as const;

export async function handshakes({ rounds, short }: Scale): Promise<Result> {
  const span: Span = { of: "connections", warmUp: short ? 400 : 8_000, measured: short ? 800 : 4_000 };
  const measured = await interleave(compared, rounds, (variant) =>
    withWorkers(["server", "load"], async (server, load) => {
      const secret = freshSecret();
      const port = await server.ask<number>("listen", { variant, secret });
      const measuring = server.ask<Measured>("meter", span);
      await load.ask("handshakes", { port, secret, connections: 40 });
      return (await measuring).cpu / span.measured;
    }));

  const against = (variant: (typeof compared)[number]): number[] => ratios(measured[variant], measured.bare);
  return {
    name: "handshakes",
    level: "CPU of the server's process for one connection, opened and closed, HS256",
    columns: ["us/handshake", "x bare"],
    rows: compared.map((variant) => ({ variant, cells: [summarize(measured[variant]), summarize(against(variant))] })),
    goals: [{ goal: "CPU of an HS256 handshake against bare", atMost: 1.07, measured: summarize(against("guarded")).median }],
  };
}
