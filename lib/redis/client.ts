/** Runs scripts on a Redis client of the package `redis` or `ioredis`. The guard asks nothing else of a client. */
import { GuardError } from "../guard-error.js";

/** A client, pool, sentinel or cluster of the package `redis`, 4 or later. */
export interface NodeRedisClient {
  readonly isOpen: boolean;
  /** Runs a Lua script. */
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** A client or cluster of the package `ioredis`, 5. */
export interface IoRedisClient {
  readonly status: string;
  /** Runs a Lua script. */
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** A client of either package. */
export type RedisClient = NodeRedisClient | IoRedisClient;

/** Runs a script, which returns a list of strings. */
export type RunScript = (script: string, keys: readonly string[], args: readonly string[]) => Promise<readonly string[]>;

/** @throws GuardError `store_invalid` */
export function scriptRunner(client: RedisClient): RunScript {
  if (typeof client === "object" && client !== null && typeof client.eval === "function") {
    if ("isOpen" in client) return async (script, keys, args) => strings(await client.eval(script, { keys: [...keys], arguments: [...args] }));
    if ("status" in client) return async (script, keys, args) => strings(await client.eval(script, keys.length, ...keys, ...args));
  }
  throw new GuardError("store_invalid", "redisStore(client) needs a connected client of the package redis or ioredis.");
}

// A client may be configured to return Buffers.
function strings(answer: unknown): string[] {
  return (answer as unknown[]).map(String);
}
