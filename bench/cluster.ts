// How long a revocation takes to reach three nodes, each in its own process, through a real Redis and a real Postgres.
import { io as openClient, type Socket } from "socket.io-client";
import { ClusterNode } from "../test/cluster/support/node.js";
import type { AdapterPlace, StorePlace } from "../test/cluster/support/places.js";
import { secret, tokenOf } from "../test/cluster/support/tokens.js";
import { startPostgres } from "../test/support/postgres.js";
import { hasRedis, startRedis } from "../test/support/redis.js";
import { interleave } from "./framework/interleave.js";
import type { Result, Scale } from "./framework/result.js";
import { quantile, summarize } from "./framework/statistics.js";

const kinds = {
  "redis-streams adapter, redisStore": { store: "redis", adapter: "redis-streams", open: startRedis },
  "postgres adapter, sqlStore on Postgres": { store: "postgres", adapter: "postgres", open: startPostgres },
} as const;
type Kind = keyof typeof kinds;

export async function cluster({ rounds, short }: Scale): Promise<Result> {
  const revoked = short ? 20 : 200;
  const chosen = (Object.keys(kinds) as Kind[]).filter((kind) => kinds[kind].store !== "redis" || hasRedis());
  const measured = await interleave(chosen, rounds, (kind) => measure(kind, revoked));
  const shares = (kind: Kind, share: number): number[] => measured[kind].map((latencies) => quantile(latencies, share));
  return {
    name: "cluster",
    level: `from guarded.revoke on one of three nodes until the user's client on each node received guard:bye; ${revoked} revocations per round`,
    columns: ["p50, ms", "p99, ms"],
    rows: chosen.map((kind) => ({ variant: kind, cells: [summarize(shares(kind, 0.5)), summarize(shares(kind, 0.99))] })),
    goals: chosen.map((kind) => ({ goal: `p99 of a revocation, ${kind}, in ms`, atMost: 100, measured: summarize(shares(kind, 0.99)).median })),
  };
}

async function measure(kind: Kind, revoked: number): Promise<number[]> {
  const { store, adapter, open } = kinds[kind];
  const server = await open();
  const places: { store: StorePlace; adapter: AdapterPlace } = { store: { kind: store, url: server.url }, adapter: { kind: adapter, url: server.url } };
  const nodes = await Promise.all([1, 2, 3].map(() => ClusterNode.start({ secret, maxStaleness: "5s", ...places })));
  try {
    await Promise.all(nodes.map((node) => node.knows(nodes.length)));
    const latencies: number[] = [];
    for (let nth = 0; nth < revoked; nth++) latencies.push(await revoke(nodes, `user ${nth}`));
    return latencies;
  } finally {
    await Promise.all(nodes.map((node) => node.kill()));
    await server.close();
  }
}

async function revoke(nodes: readonly ClusterNode[], subject: string): Promise<number> {
  const clients = nodes.map(({ address }) => openClient(address, { forceNew: true, reconnection: false, transports: ["websocket"], auth: { token: tokenOf(subject) } }));
  await Promise.all(clients.map((client) => heard(client, "guard:session")));
  const byes = clients.map((client) => heard(client, "guard:bye"));
  const start = performance.now();
  const revoking = nodes[0]!.ask("revoke", { subject });
  await Promise.all(byes);
  const latency = performance.now() - start;
  await revoking;
  for (const client of clients) client.disconnect();
  return latency;
}

function heard(client: Socket, name: string): Promise<void> {
  return new Promise((resolve) => client.once(name, () => resolve()));
}
