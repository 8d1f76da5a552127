// The stores and adapters of a test's nodes, described by plain data that can be sent to another process.
import type pg from "pg";
import type { GuardStore } from "../../../lib/index.js";

export interface StorePlace {
  readonly kind: "redis" | "postgres";
  readonly url: string;
}

export interface AdapterPlace {
  readonly kind: "redis-streams" | "sharded redis" | "classic redis" | "postgres" | "cluster";
  /** Unused for `cluster`. */
  readonly url: string;
}

// The packages are loaded on demand, because tests start many nodes.
export async function storeOf({ kind, url }: StorePlace): Promise<GuardStore> {
  if (kind === "redis") return (await import("../../../lib/redis/index.js")).redisStore(await connectedTo(url));
  const [{ sqlStore }, { Kysely, PostgresDialect }] = await Promise.all([import("../../../lib/sql/index.js"), import("kysely")]);
  return sqlStore(new Kysely({ dialect: new PostgresDialect({ pool: await poolOf(url) }) }));
}

export async function adapterOf({ kind, url }: AdapterPlace): Promise<unknown> {
  switch (kind) {
    case "redis-streams": return (await import("@socket.io/redis-streams-adapter")).createAdapter(forgiving(await connectedTo(url)));
    case "sharded redis": return (await import("@socket.io/redis-adapter")).createShardedAdapter(await connectedTo(url), await connectedTo(url));
    case "classic redis": return (await import("@socket.io/redis-adapter")).createAdapter(forgiving(await connectedTo(url)), await connectedTo(url));
    case "postgres": return (await import("@socket.io/postgres-adapter")).createAdapter(await poolOf(url));
    case "cluster": return (await import("@socket.io/cluster-adapter")).createAdapter();
  }
}

async function connectedTo(url: string) {
  const { createClient } = await import("redis");
  const client = createClient({ url });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** See docs/cluster.md: without it, the process ends if Redis dies while something is published. */
function forgiving<Client extends { publish(channel: string, message: string): Promise<number> }>(client: Client): Client {
  const publish = client.publish.bind(client);
  client.publish = (channel, message) => publish(channel, message).catch(() => 0);
  return client;
}

/** Without the error listeners, a lost connection would end the process. */
async function poolOf(url: string): Promise<pg.Pool> {
  const { default: { Pool } } = await import("pg");
  const pool = new Pool({ connectionString: url, max: 4 });
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}
