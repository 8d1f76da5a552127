/** socket.io-guard/redis: a store in Redis. */
import { refuseUnknownOptions } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import type { GuardStore } from "../store.js";
import { RedisApiKeys } from "./api-keys.js";
import { scriptRunner, type RedisClient } from "./client.js";
import { RedisRevocations } from "./revocations.js";

export type { GuardStore } from "../store.js";
export type { IoRedisClient, NodeRedisClient, RedisClient } from "./client.js";

/** The options of redisStore(). */
export interface RedisStoreOptions {
  /** The beginning of every key, without `{` and `}`. @default "socket.io-guard" */
  readonly prefix?: string;
}

/**
 * Keeps revocations and API keys in Redis: one server, a server with replicas, or a cluster. You open and close the client, and
 * listen to its `error` event. All keys begin with `{prefix}:`, so that they are in one slot of a cluster. Records are as durable
 * as your configuration of Redis makes them. If Redis loses revocations, the nodes that know them write them again.
 * @param client a connected client of the package `redis` or `ioredis`
 * @throws GuardError `store_invalid`, `option_unknown`, `option_invalid`
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): GuardStore {
  refuseUnknownOptions(options, ["prefix"], "redisStore");
  const prefix: unknown = options.prefix ?? "socket.io-guard";
  if (typeof prefix !== "string" || !/^[^{}]+$/.test(prefix)) {
    throw new GuardError("option_invalid", "`prefix` must be a non-empty string without braces, which choose the slot in a cluster.");
  }
  const run = scriptRunner(client);
  return Object.freeze({ revocations: new RedisRevocations(run, `{${prefix}}:revocations`), apiKeys: new RedisApiKeys(run, `{${prefix}}:api-keys`) });
}
