/** Where the chat stores its data, and how its nodes send messages to each other: a file, Postgres or Redis. */
import type { ServerOptions } from "socket.io";
import type { GuardStore } from "socket.io-guard";
import { sqlStore } from "socket.io-guard/sql";
import { openDatabase, type Database } from "../database/database.js";
import type { Settings } from "../settings/settings.js";

export type Adapter = NonNullable<ServerOptions["adapter"]>;

export interface Storage {
  readonly database: Database;
  /** The store of the guard. */
  readonly store: GuardStore;
  /** The Socket.IO adapter that connects the nodes; undefined for a single node. */
  readonly adapter: Adapter | undefined;
  close(): Promise<void>;
}

/** Only loads what is used, so that the chat on a file does not need the Postgres and Redis packages. */
export async function openStorage(settings: Pick<Settings, "databaseUrl" | "dataFolder" | "redisUrl">): Promise<Storage> {
  const opened = await openDatabase(settings);
  const { database, pool } = opened;
  if (settings.redisUrl === undefined) {
    const adapter = pool && (await import("./postgres-adapter.js")).postgresAdapter(pool);
    return { database, store: sqlStore(database), adapter, close: () => opened.close() };
  }
  const { openRedis } = await import("./redis.js");
  const redis = await openRedis(settings.redisUrl).catch(async (error: unknown) => {
    await opened.close();
    throw error;
  });
  const close = async () => {
    redis.close();
    await opened.close();
  };
  return { database, store: redis.store, adapter: redis.adapter, close };
}
