// Opens the queue of webhooks in a store, as a node does. It loads only what this store needs, so that a node starts fast.
import type { WebhookQueue } from "../../../lib/webhooks/index.js";

export type StoreName = "libsql" | "Postgres" | "Redis";

export async function openQueue(name: StoreName, address: string): Promise<{ queue: WebhookQueue; close: () => unknown }> {
  if (name === "Redis") {
    const [{ createClient }, { redisWebhooks }] = await Promise.all([import("redis"), import("../../../lib/redis/index.js")]);
    const client = createClient({ url: address });
    client.on("error", () => undefined);
    await client.connect();
    return { queue: redisWebhooks(client), close: () => client.destroy() };
  }
  const [{ Kysely, PostgresDialect, SqliteDialect }, { sqlWebhooks }] = await Promise.all([import("kysely"), import("../../../lib/sql/index.js")]);
  const dialect = name === "Postgres" ? new PostgresDialect({ pool: await openPool(address) }) : new SqliteDialect({ database: await openFile(address) });
  const database = new Kysely<object>({ dialect });
  return { queue: sqlWebhooks(database), close: () => database.destroy() };
}

async function openPool(connectionString: string) {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({ connectionString, max: 4 });
  pool.on("error", () => undefined);
  return pool;
}

async function openFile(path: string) {
  const { default: Libsql } = await import("libsql");
  return new Libsql(path, { timeout: 10_000 });
}
