/** The one thing that is asked of a Redis client, whichever it is: to run a script on the node that holds its keys. */
import { GuardError } from "../guard-error.js";

/** A client, pool, sentinel or cluster of the package `redis`, 4 or later. */
export interface NodeRedisClient {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  evalSha(digest: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** A client or cluster of the package `ioredis`, 5. */
export interface IoRedisClient {
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
  evalsha(digest: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

export type RedisClient = NodeRedisClient | IoRedisClient;

/** Runs a script; answers a list of texts. */
export type RunScript = (script: string, keys: readonly string[], given: readonly string[]) => Promise<readonly string[]>;

/** @throws GuardError `store_invalid` */
export function scriptsOf(client: RedisClient): RunScript {
  if (typeof client === "object" && client !== null) {
    if ("evalSha" in client) return async (script, keys, given) => texts(await client.eval(script, { keys: [...keys], arguments: [...given] }));
    if ("evalsha" in client) return async (script, keys, given) => texts(await client.eval(script, keys.length, ...keys, ...given));
  }
  throw new GuardError("store_invalid", "redisStore was not given a Redis client: give a connected client of the package redis or ioredis.");
}

// A client may be set to answer Buffers.
function texts(answer: unknown): string[] {
  return (answer as unknown[]).map(String);
}
