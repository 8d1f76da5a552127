// How long other clients wait while one client sends the worst that fits into a POST of a megabyte.
import { interleave } from "./framework/interleave.js";
import type { Result, Scale } from "./framework/result.js";
import { summarize, type Summary } from "./framework/statistics.js";
import { withWorkers } from "./framework/worker.js";
import { freshSecret } from "./tokens.js";
import type { Flooded } from "./workers/server.js";

// The last event of each has an ack: it is answered when all were handled.
const bodies = {
  "66,000 events": [...Array<string>(65_999).fill('42["message"]'), '427["message",null]'].join("\x1e"),
  "124,990 events": [...Array<string>(124_989).fill('42["m"]'), '427["message",null]'].join("\x1e"),
  "brackets": `427["message",${"[".repeat(499_990)}${"]".repeat(499_990)}]`,
};
type Attack = keyof typeof bodies;

interface Measured extends Flooded {
  readonly roundTrip: number;
}

export async function flood({ rounds }: Scale): Promise<Result> {
  const attacks = Object.keys(bodies) as Attack[];
  const compared = attacks.flatMap((attack) => [`bare: ${attack}`, `guarded: ${attack}`] as const);
  const measured = await interleave(compared, rounds, (name) => {
    const [variant, attack] = name.split(": ") as ["bare" | "guarded", Attack];
    return withWorkers(["server", "load"], async (server, load): Promise<Measured> => {
      const secret = freshSecret();
      const port = await server.ask<number>("listen", { variant, secret, polling: true });
      await server.ask("watch");
      const roundTrip = await load.ask<number>("flood", { port, secret, body: bodies[attack] });
      return { roundTrip, ...await server.ask<Flooded>("watched") };
    });
  });
  const of = (name: (typeof compared)[number], part: keyof Measured): Summary => summarize(measured[name].map((one) => one[part]));
  return {
    name: "flood",
    level: "one POST of a megabyte, while another client waits for acks on its websocket",
    columns: ["longest stall, ms", "most CPU in a turn, ms", "longest round trip of the other client, ms", "events handled"],
    rows: compared.map((variant) => ({ variant, cells: [of(variant, "stall"), of(variant, "busy"), of(variant, "roundTrip"), of(variant, "handled")] })),
    goals: attacks.map((attack) => ({ goal: `longest round trip of another client meanwhile, in ms: ${attack}`, atMost: 100, measured: of(`guarded: ${attack}`, "roundTrip").median })),
  };
}
