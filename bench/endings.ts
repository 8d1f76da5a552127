// Many sessions that end at once: by a revocation, and by expiry.
import { interleave } from "./framework/interleave.js";
import type { Result, Scale } from "./framework/result.js";
import { summarize, type Summary } from "./framework/statistics.js";
import { withWorkers, type Worker } from "./framework/worker.js";
import { freshSecret } from "./tokens.js";
import type { Ended } from "./workers/crowd.js";

const hour = 3_600;

export async function revocation({ rounds, short }: Scale): Promise<Result> {
  const sizes = short ? ["1,000"] as const : ["1,000", "10,000"] as const;
  const measured = await interleave(sizes, rounds, (size) => withCrowd(Number(size.replace(",", "")), 0, (server) => server.ask<Ended>("revoke", { subject })));
  const of = (size: (typeof sizes)[number], part: keyof Ended): Summary => summarize(measured[size].map((ended) => ended[part]));
  return {
    name: "revocation",
    level: "one user's sockets on one node, real websockets: from guarded.revoke until the last socket is closed, and the longest turn of the event loop",
    columns: ["ms until all closed", "longest stall, ms", "most CPU in a turn, ms"],
    rows: sizes.map((size) => ({ variant: `${size} sockets`, cells: [of(size, "all"), of(size, "stall"), of(size, "busy")] })),
    goals: [{ goal: `longest stall while ${sizes.at(-1)} sockets are revoked, in ms`, atMost: 30, measured: of(sizes.at(-1)!, "stall").median }],
  };
}

export async function expiry({ rounds, short }: Scale): Promise<Result> {
  const size = short ? 1_000 : 10_000;
  const { ended } = await interleave(["ended"], rounds, () => withCrowd(size, 2_000, (server, expiresAt) => server.ask<Ended>("expire", { expiresAt })));
  const of = (part: keyof Ended): Summary => summarize(ended.map((one) => one[part]));
  return {
    name: "expiry",
    level: `${size.toLocaleString("en")} sessions that expire at the same time, while their clients send 2,000 events/s`,
    columns: ["ms until all closed", "longest stall, ms", "most CPU in a turn, ms", "accepted after it"],
    rows: [{ variant: "same expiry", cells: [of("all"), of("stall"), of("busy"), of("accepted")] }],
    goals: [
      { goal: "time until all expired sessions are closed, in ms", atMost: 1_500, measured: of("all").median },
      { goal: "longest stall while they are closed, in ms", atMost: 30, measured: of("stall").median },
      { goal: "events accepted after the expiry, maximum of all rounds", atMost: 0, measured: of("accepted").max },
    ],
  };
}

const subject = "alice";

function withCrowd(size: number, eventsPerSecond: number, end: (server: Worker, expiresAt: number) => Promise<Ended>): Promise<Ended> {
  return withWorkers(["crowd", "load"], async (server, load) => {
    const secret = freshSecret();
    const port = await server.ask<number>("listen", { secret });
    const expiresAt = Math.floor(Date.now() / 1000) + hour;
    await load.ask("connect", { port, secret, connections: size, subject, expiresAt });
    await load.ask("listen", eventsPerSecond);
    return end(server, expiresAt);
  });
}
