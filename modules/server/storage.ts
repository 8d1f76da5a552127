/** Where the chat keeps what it has to remember, and how its nodes hear of each other: a file, Postgres, Redis. */
import type { ServerOptions } from "socket.io";
import type { GuardStore } from "socket.io-guard";
import { sqlStore } from "socket.io-guard/sql";
import { openDatabase, type Database } from "../database/database.js";
import type { Settings } from "../settings/settings.js";

export type Adapter = NonNullable<ServerOptions["adapter"]>;

export interface Storage {
  readonly database: Database;
  /** Where the guard keeps revocations. */
  readonly store: GuardStore;
  /** What joins this node to others; undefined if it can have none. */
  readonly adapter: Adapter | undefined;
  close(): Promise<void>;
}

/** Only what is used is loaded: the chat on its file starts without the packages for servers. */
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
