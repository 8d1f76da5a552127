// The cost of an event inside the server, from the bytes of its frame or from its decoded packet to the end of its handler,
// and the cost of a denied event.
import { interleave } from "./framework/interleave.js";
import type { Goal, Result, Scale } from "./framework/result.js";
import { ratios, summarize } from "./framework/statistics.js";
import { withWorkers } from "./framework/worker.js";
import type { Answer, Asked, Level } from "./workers/inside.js";

const compared = ["bare", "guarded", "with metrics", "with traces", "denied"] as const;
type Compared = (typeof compared)[number];

export const frame = (scale: Scale): Promise<Result> => benchInside(scale, "frame");
export const packet = (scale: Scale): Promise<Result> => benchInside(scale, "packet");
export const socket = (scale: Scale): Promise<Result> => benchInside(scale, "socket");

const descriptions: Record<Level, string> = {
  frame: "from masked bytes in the websocket's receiver, p10",
  packet: "from a decoded packet in client.ondecoded, p10",
  socket: "from a decoded packet in socket._onpacket, p10",
};

async function benchInside({ rounds, short }: Scale, level: Level): Promise<Result> {
  const blocks = short ? { warmUp: 600, blocks: 300 } : { warmUp: 1_500, blocks: 1_500 };
  const measured = await interleave(compared, rounds, (variant) =>
    withWorkers(["inside"], (inside) => inside.ask<Answer>("measure", { variant, level, ...blocks } satisfies Asked)));

  const bare = measured.bare.map(({ event }) => event);
  const row = (variant: string, values: number[]): Result["rows"][number] =>
    ({ variant, cells: [summarize(values), summarize(ratios(values, bare))] });
  const against = (variant: Compared): number => summarize(ratios(measured[variant].map(({ event }) => event), bare)).median;
  return {
    name: `${level} level`,
    level: descriptions[level],
    columns: ["ns/event", "x bare accepted"],
    rows: [
      ...compared.map((variant) => row(variant, measured[variant].map(({ event }) => event))),
      row("denied and told", measured.denied.map(({ told }) => told!)),
    ],
    goals: [...goals(level, against), ...costOfSeeing(level, measured)],
  };
}

/** A hot path that is measured as a whole: at frame level, in one run with the same server without it. */
function costOfSeeing(level: Level, measured: Readonly<Record<Compared, readonly Answer[]>>): Goal[] {
  if (level !== "frame") return [];
  const events = (variant: Compared): number[] => measured[variant].map(({ event }) => event);
  return (["with metrics", "with traces"] as const).map((variant) =>
    ({ goal: `an event ${variant} compared with one without, at frame level`, atMost: 1.02, measured: summarize(ratios(events(variant), events("guarded"))).median }));
}

function goals(level: Level, against: (variant: Compared) => number): Goal[] {
  if (level === "frame") return [{ goal: "an event at frame level compared with bare", atMost: 1.0, measured: against("guarded") }];
  return [{ goal: `a denied event compared with an accepted one of bare Socket.IO, at ${level} level`, atMost: 0.5, measured: against("denied") }];
}
