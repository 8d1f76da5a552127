// Where a test's nodes keep their revocations and how they talk to each other, as plain data that crosses into a process.
import { createAdapter as clusterAdapter } from "@socket.io/cluster-adapter";
import { createAdapter as postgresAdapter } from "@socket.io/postgres-adapter";
import { createShardedAdapter } from "@socket.io/redis-adapter";
import { createAdapter as streamsAdapter } from "@socket.io/redis-streams-adapter";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { createClient } from "redis";
import type { Store } from "../../../lib/index.js";
import { redisStore } from "../../../lib/redis/index.js";
import { sqlStore } from "../../../lib/sql/index.js";

export interface StorePlace {
  readonly kind: "redis" | "postgres";
  readonly url: string;
}

export interface AdapterPlace {
  readonly kind: "redis-streams" | "sharded redis" | "postgres" | "cluster";
  /** Of no use for `cluster`. */
  readonly url: string;
}

export async function storeOf({ kind, url }: StorePlace): Promise<Store> {
  return kind === "redis" ? redisStore(await connectedTo(url)) : sqlStore(new Kysely({ dialect: new PostgresDialect({ pool: poolOf(url) }) }));
}

export async function adapterOf({ kind, url }: AdapterPlace): Promise<unknown> {
  switch (kind) {
    case "redis-streams": return streamsAdapter(await connectedTo(url));
    case "sharded redis": return createShardedAdapter(await connectedTo(url), await connectedTo(url));
    case "postgres": return postgresAdapter(poolOf(url));
    case "cluster": return clusterAdapter();
  }
}

async function connectedTo(url: string) {
  const client = createClient({ url });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** Without these listeners, a connection that is lost ends the process: idle, and in use. */
function poolOf(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}
