/** Where the chat keeps what it has to remember, and how its nodes hear of each other: a file, Postgres, Redis. */
import { createAdapter as createPostgresAdapter } from "@socket.io/postgres-adapter";
import { createAdapter as createRedisAdapter } from "@socket.io/redis-streams-adapter";
import type { ServerOptions } from "socket.io";
import type { Store } from "socket.io-guard";
import { redisStore } from "socket.io-guard/redis";
import { sqlStore } from "socket.io-guard/sql";
import { openDatabase, type Database, type OpenDatabase } from "../database/database.js";
import { reason } from "../reason.js";
import type { Settings } from "../settings/settings.js";
import { openRedis, type RedisClient } from "./redis.js";

type Adapter = NonNullable<ServerOptions["adapter"]>;

export interface Storage {
  readonly database: Database;
  /** Where the guard keeps revocations. */
  readonly store: Store;
  /** What joins this node to others; undefined if it can have none. */
  readonly adapter: Adapter | undefined;
  close(): Promise<void>;
}

export async function openStorage(settings: Pick<Settings, "databaseUrl" | "dataFolder" | "redisUrl">): Promise<Storage> {
  const opened = await openDatabase(settings);
  const { database } = opened;
  if (settings.redisUrl === undefined) {
    return { database, store: sqlStore(database), adapter: postgresAdapter(opened), close: () => opened.close() };
  }
  const redis = await openRedis(settings.redisUrl).catch(async (error: unknown) => {
    await opened.close();
    throw error;
  });
  return { database, store: redisStore(redis), adapter: createRedisAdapter(redis, {}), close: () => close(opened, redis) };
}

async function close(opened: OpenDatabase, redis: RedisClient): Promise<void> {
  redis.destroy();
  await opened.close();
}

// A notification of Postgres has less than 8,000 bytes.
const longestNotification = 7_999;

function postgresAdapter({ pool }: OpenDatabase): Adapter | undefined {
  if (pool === undefined) return undefined;
  return createPostgresAdapter(pool, {
    payloadThreshold: longestNotification,
    errorHandler: (error) => console.error("The other nodes were not told:", reason(error)),
  });
}
