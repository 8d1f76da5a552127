/** socket.io-guard/redis: stores in Redis. */
import { refuseUnknownOptions } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import type { LimitStore } from "../limits/limit-store.js";
import type { GuardStore } from "../store.js";
import type { WebhookQueue } from "../webhooks/queue.js";
import { RedisApiKeys } from "./api-keys.js";
import { scriptRunner, type RedisClient } from "./client.js";
import { RedisLimits } from "./limits.js";
import { RedisRevocations } from "./revocations.js";
import { RedisWebhooks } from "./webhooks.js";

export type { LimitStore, StoredWindow } from "../limits/limit-store.js";
export type { GuardStore } from "../store.js";
export type { WebhookQueue } from "../webhooks/queue.js";
export type { IoRedisClient, NodeRedisClient, RedisClient } from "./client.js";

/** The options of redisStore(), redisLimits() and redisWebhooks(). */
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
  const prefix = readPrefix(options, "redisStore");
  const run = scriptRunner(client, "redisStore");
  return Object.freeze({ revocations: new RedisRevocations(run, `{${prefix}}:revocations`), apiKeys: new RedisApiKeys(run, `{${prefix}}:api-keys`) });
}

/**
 * Lets the nodes of a cluster count limits together, in Redis 5 or later. All keys begin with `{prefix}:limits:`, are in one slot of a
 * cluster, and expire once nobody needs them. An event takes one script. For `limits.store`.
 * @param client a connected client of the package `redis` or `ioredis`
 * @throws GuardError `store_invalid`, `option_unknown`, `option_invalid`
 */
export function redisLimits(client: RedisClient, options: RedisStoreOptions = {}): LimitStore {
  const prefix = readPrefix(options, "redisLimits");
  return new RedisLimits(scriptRunner(client, "redisLimits"), `{${prefix}}:limits`);
}

/**
 * Keeps the queue of `webhooks()` in Redis: one server, a server with replicas, or a cluster. All keys begin with `{prefix}:webhooks:`.
 * Events are as durable as your configuration of Redis makes them: set `appendonly yes` and `maxmemory-policy noeviction`.
 * @param client a connected client of the package `redis` or `ioredis`
 * @throws GuardError `store_invalid`, `option_unknown`, `option_invalid`
 */
export function redisWebhooks(client: RedisClient, options: RedisStoreOptions = {}): WebhookQueue {
  const prefix = readPrefix(options, "redisWebhooks");
  return new RedisWebhooks(scriptRunner(client, "redisWebhooks"), `{${prefix}}:webhooks`);
}

function readPrefix(options: RedisStoreOptions, caller: string): string {
  refuseUnknownOptions(options, ["prefix"], caller);
  const prefix: unknown = options.prefix ?? "socket.io-guard";
  if (typeof prefix === "string" && /^[^{}]+$/.test(prefix)) return prefix;
  throw new GuardError("option_invalid", "`prefix` must be a non-empty string without braces, which choose the slot in a cluster.");
}
