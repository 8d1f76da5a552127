// What rooms cost: joins, broadcasts, presence, and judging all members again when the rules change.
import { interleave } from "./framework/interleave.js";
import type { Result, Scale } from "./framework/result.js";
import { ratios, summarize, type Summary } from "./framework/statistics.js";
import { withWorkers, type Worker } from "./framework/worker.js";
import { freshSecret } from "./tokens.js";
import type { Heard, JoinEvent } from "./workers/members.js";
import type { Measured, Span } from "./workers/meter.js";
import type { Rejudged, RoomServer, Watched } from "./workers/rooms.js";

const joinEvents: Record<RoomServer, JoinEvent> = { bare: "join", guarded: "guard:join" };
const compared = ["bare", "guarded"] as const;

/** Starts a server and clients. The first so many clients are in the room. */
function withRoom<Answer>(variant: RoomServer, sizes: { room?: string; members: number; others: number }, use: (server: Worker, clients: Worker) => Promise<Answer>): Promise<Answer> {
  const { room = "lobby", members, others } = sizes;
  return withWorkers(["rooms", "members"], async (server, clients) => {
    const secret = freshSecret();
    const port = await server.ask<number>("listen", { variant, secret });
    await clients.ask("connect", { port, secret, connections: members + others });
    await clients.ask("join", { event: joinEvents[variant], room, count: members });
    return use(server, clients);
  });
}

export async function joins({ rounds, short }: Scale): Promise<Result> {
  const [connections, rooms] = [200, short ? 100 : 500];
  const total = connections * rooms;
  const span: Span = { of: "joins", warmUp: total / 5, measured: total / 2 };
  const measured = await interleave(compared, rounds, (variant) => withRoom(variant, { members: 0, others: connections }, async (server, clients) => {
    const measuring = server.ask<Measured>("meter", span);
    await clients.ask("joinMany", { event: joinEvents[variant], rooms });
    return measuring;
  }));
  const perJoin = (variant: RoomServer): number[] => measured[variant].map(({ cpu }) => cpu / span.measured);
  const perSecond = (variant: RoomServer): Summary => summarize(measured[variant].map(({ wall }) => span.measured / wall * 1_000));
  return {
    name: "joins",
    level: `joins with acks by ${connections} real websockets; the bare server has a handler that calls socket.join, without a check`,
    columns: ["joins/s", "us of CPU", "x bare"],
    rows: compared.map((variant) => ({ variant, cells: [perSecond(variant), summarize(perJoin(variant)), summarize(ratios(perJoin(variant), perJoin("bare")))] })),
    goals: [],
  };
}

const sizeOf = (short: boolean): number => short ? 1_000 : 10_000;

export async function broadcasts({ rounds, short }: Scale): Promise<Result> {
  const [size, times] = [sizeOf(short), short ? 40 : 30];
  const variants = { "bare": ["bare", "io"], "guarded": ["guarded", "io"], "guarded.room(name).emit": ["guarded", "guarded"] } as const;
  type Variant = keyof typeof variants;
  const measured = await interleave(Object.keys(variants) as Variant[], rounds, (variant) => {
    const [kind, by] = variants[variant];
    return withRoom(kind, { members: size, others: 0 }, (server) => server.ask<number>("broadcast", { by, size, times }));
  });
  const against = (variant: Variant): Summary => summarize(ratios(measured[variant], measured.bare));
  return {
    name: "broadcasts to a room",
    level: `CPU of the server until io.to(room).emit is written to ${size.toLocaleString("en")} members on real websockets`,
    columns: ["ms of CPU", "x bare"],
    rows: (Object.keys(variants) as Variant[]).map((variant) => ({ variant, cells: [summarize(measured[variant].map((us) => us / 1_000)), against(variant)] })),
    goals: [{ goal: "a broadcast to a guarded room compared with bare", atMost: 1.05, measured: against("guarded").median }],
  };
}

export async function presence({ rounds, short }: Scale): Promise<Result> {
  const [size, perSecond, seconds] = [sizeOf(short), 100, short ? 3 : 8];
  const rooms = { "without presence": "lobby", "with presence": "presence-lobby" };
  type Variant = keyof typeof rooms;
  const measured = await interleave(Object.keys(rooms) as Variant[], rounds, (variant) => {
    const room = rooms[variant];
    return withRoom("guarded", { room, members: size, others: perSecond * seconds }, async (server, clients) => {
      if (variant === "with presence") await server.ask("show", { room, size });
      await server.ask("watch");
      const heard = await clients.ask<Heard>("joinInTurn", { event: joinEvents.guarded, room, perSecond, seconds });
      return { ...heard, ...await server.ask<Watched>("watched") };
    });
  });
  const of = (variant: Variant, part: (one: Heard & Watched) => number): Summary => summarize(measured[variant].map(part));
  return {
    name: "presence",
    level: `a room of ${size.toLocaleString("en")} members on one node, which ${perSecond} users join each second; packets and kB that each member receives`,
    columns: ["% of a core", "longest stall, ms", "packets/s", "kB/s"],
    rows: (Object.keys(rooms) as Variant[]).map((variant) => ({
      variant,
      cells: [
        of(variant, ({ cpu, wall }) => cpu / wall * 100),
        of(variant, ({ stall }) => stall),
        of(variant, ({ packets, wall }) => packets / wall * 1_000),
        of(variant, ({ bytes, wall }) => bytes / wall),
      ],
    })),
    goals: [],
  };
}

export async function rejudging({ rounds, short }: Scale): Promise<Result> {
  const size = sizeOf(short);
  const allowed = { "all stay": "member", "all leave": "admin" } as const;
  type Variant = keyof typeof allowed;
  const measured = await interleave(Object.keys(allowed) as Variant[], rounds, (variant) => withRoom("guarded", { members: size, others: 0 }, async (server, clients) => {
    const [rejudged] = await Promise.all([
      server.ask<Rejudged>("rejudge", allowed[variant]),
      variant === "all leave" ? clients.ask("heardByAll", '42["guard:left"') : undefined,
    ]);
    if (rejudged.left !== (variant === "all stay" ? size : 0)) throw new Error(`${rejudged.left} are in the room after guarded.updateRules`);
    return rejudged;
  }));
  const of = (variant: Variant, part: keyof Rejudged): Summary => summarize(measured[variant].map((one) => one[part]));
  return {
    name: "judging again",
    level: `guarded.updateRules with ${size.toLocaleString("en")} members of a room on real websockets, whose rule is a function`,
    columns: ["ms until it returns", "longest stall, ms", "most CPU in a turn, ms"],
    rows: (Object.keys(allowed) as Variant[]).map((variant) => ({ variant, cells: [of(variant, "call"), of(variant, "stall"), of(variant, "busy")] })),
    goals: (Object.keys(allowed) as Variant[]).map((variant) => ({ goal: `longest stall while ${size.toLocaleString("en")} members are judged again, ${variant}, in ms`, atMost: 30, measured: of(variant, "stall").median })),
  };
}
