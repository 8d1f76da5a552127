// What a whole connection costs: TCP, the upgrade, CONNECT with an HS256 token, and the end of it.
import { interleave } from "./framework/interleave.js";
import type { Result, Scale } from "./framework/result.js";
import { ratios, summarize } from "./framework/statistics.js";
import { withWorkers } from "./framework/worker.js";
import { freshSecret, signTokens } from "./tokens.js";
import type { Measured, Span } from "./workers/meter.js";
import { ways, type Way } from "./ways.js";

const compared = ["bare", "guarded", "usual, string secret", "usual, KeyObject"] as const;

export async function handshakes({ rounds, short }: Scale): Promise<Result> {
  const span: Span = { of: "connections", warmUp: short ? 400 : 8_000, measured: short ? 800 : 4_000 };
  const measured = await interleave(compared, rounds, (variant) =>
    withWorkers(["server", "load"], async (server, load) => {
      const secret = freshSecret();
      const port = await server.ask<number>("listen", { variant, secret });
      const measuring = server.ask<Measured>("meter", span);
      await load.ask("handshakes", { port, shown: signTokens(secret, 1_000).map((token) => ({ token })), connections: 40 });
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

/** Each way in by itself. A password costs what its hash was made to cost. */
export async function waysIn({ rounds, short }: Scale): Promise<Result> {
  const measured = await interleave(ways, rounds, (way) =>
    withWorkers(["ways", "load"], async (server, load) => {
      const span = spanOf(way, short);
      const endpoint = await load.ask<number>("endpoint");
      const { port, shown } = await server.ask<{ port: number; shown: object[] }>("listen", { way, endpoint });
      const measuring = server.ask<Measured>("meter", span);
      await load.ask("handshakes", { port, shown, connections: 40 });
      const { cpu, wall } = await measuring;
      return { perSecond: span.measured / wall * 1000, cpu: cpu / span.measured };
    }));
  return {
    name: "ways in",
    level: "one connection, opened and closed, 40 at a time: one server's process, and its CPU",
    columns: ["handshakes/s", "us/handshake"],
    rows: ways.map((way) => ({ variant: way, cells: [summarize(measured[way].map(({ perSecond }) => perSecond)), summarize(measured[way].map(({ cpu }) => cpu))] })),
    goals: [],
  };
}

function spanOf(way: Way, short: boolean): Span {
  if (way.startsWith("userFile")) return { of: "connections", warmUp: 10, measured: short ? 20 : 200 };
  return { of: "connections", warmUp: short ? 200 : 4_000, measured: short ? 400 : 4_000 };
}
