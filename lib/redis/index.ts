/** socket.io-guard/redis: a store in a Redis that the host is connected to. */
import { refuseUnknownOptions } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import type { GuardStore } from "../store.js";
import { RedisApiKeys } from "./api-keys.js";
import { scriptsOf, type RedisClient } from "./client.js";
import { RedisRevocations } from "./revocations.js";

export type { GuardStore } from "../store.js";
export type { IoRedisClient, NodeRedisClient, RedisClient } from "./client.js";

export interface RedisStoreOptions {
  /** What all keys begin with; without `{` and `}`. @default "socket.io-guard" */
  readonly prefix?: string;
}

/**
 * Keeps what the guard stores in Redis, alone, with replicas, or a cluster. `client` is a connected client of the
 * package `redis` or `ioredis`, which stays the host's: it opens, closes and listens to the errors of it. All keys are
 * `{prefix}:...`, so they are in one slot of a cluster. An answer is as durable as Redis is set up to make it; what Redis
 * loses is given back to it by the nodes that know it.
 * @throws GuardError `store_invalid`, `option_unknown`, `option_invalid`
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): GuardStore {
  refuseUnknownOptions(options, ["prefix"], "redisStore");
  const prefix: unknown = options.prefix ?? "socket.io-guard";
  if (typeof prefix !== "string" || !/^[^{}]+$/.test(prefix)) {
    throw new GuardError("option_invalid", "redisStore's prefix is empty or has braces, which choose the slot in a cluster: give a name without them.");
  }
  const run = scriptsOf(client);
  return Object.freeze({ revocations: new RedisRevocations(run, `{${prefix}}:revocations`), apiKeys: new RedisApiKeys(run, `{${prefix}}:api-keys`) });
}
