/** Runs scripts on a Redis client of the package `redis` or `ioredis`. The guard asks nothing else of a client. */
import { createHash } from "node:crypto";
import { GuardError } from "../guard-error.js";

/** A client, pool, sentinel or cluster of the package `redis`, 4 or later. */
export interface NodeRedisClient {
  readonly isOpen: boolean;
  /** Runs a Lua script. */
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  /** Runs a Lua script that Redis knows by its SHA-1. */
  evalSha?(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** A client or cluster of the package `ioredis`, 5. */
export interface IoRedisClient {
  readonly status: string;
  /** Runs a Lua script. */
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
  /** Runs a Lua script that Redis knows by its SHA-1. */
  evalsha?(sha1: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** A client of either package. */
export type RedisClient = NodeRedisClient | IoRedisClient;

/** Runs a script, which returns a list of strings. */
export type RunScript = (script: string, keys: readonly string[], args: readonly string[]) => Promise<readonly string[]>;

/** @throws GuardError `store_invalid` */
export function scriptRunner(client: RedisClient, caller: string): RunScript {
  if (typeof client === "object" && client !== null && typeof client.eval === "function") {
    if ("isOpen" in client) {
      return runnerOf(
        (script, keys, args) => client.eval(script, { keys: [...keys], arguments: [...args] }),
        client.evalSha && ((sha1, keys, args) => client.evalSha!(sha1, { keys: [...keys], arguments: [...args] })),
      );
    }
    if ("status" in client) {
      return runnerOf(
        (script, keys, args) => client.eval(script, keys.length, ...keys, ...args),
        client.evalsha && ((sha1, keys, args) => client.evalsha!(sha1, keys.length, ...keys, ...args)),
      );
    }
  }
  throw new GuardError("store_invalid", `${caller}(client) needs a connected client of the package redis or ioredis.`);
}

type Run = (script: string, keys: readonly string[], args: readonly string[]) => Promise<unknown>;

/** Sends the SHA-1 in place of the script, which may be thousands of characters, unless Redis does not know it. */
function runnerOf(run: Run, runBySha1: Run | undefined): RunScript {
  if (runBySha1 === undefined) return async (script, keys, args) => strings(await run(script, keys, args));
  const digests = new Map<string, string>();
  return async (script, keys, args) => {
    let sha1 = digests.get(script);
    if (sha1 === undefined) digests.set(script, (sha1 = createHash("sha1").update(script).digest("hex")));
    try {
      return strings(await runBySha1(sha1, keys, args));
    } catch (error) {
      if (!String((error as Partial<Error>).message).startsWith("NOSCRIPT")) throw error;
      return strings(await run(script, keys, args));
    }
  };
}

// A client may be configured to return Buffers.
function strings(answer: unknown): string[] {
  return (answer as unknown[]).map(String);
}
