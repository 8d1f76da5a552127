/** What is stored of an API key, and the interface of its store. The key itself is stored nowhere. */
import { GuardError } from "../guard-error.js";

/** A secret that a key has or has had. */
export interface ApiKeySecret {
  /** SHA-256 of the whole key, in base64url. */
  readonly hash: string;
  readonly createdAt: number;
  /** Accepted until just before this instant; null for the current secret. */
  readonly acceptUntil: number | null;
}

/** All times are epoch milliseconds; null means never, or not yet. */
export interface ApiKeyRecord {
  readonly id: string;
  /** For people, such as "deploy bot". */
  readonly name: string;
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  /** Accurate to a minute. */
  readonly lastUsedAt: number | null;
  /** The newest first. */
  readonly secrets: readonly ApiKeySecret[];
  /** Grows by one with every change except a change of `lastUsedAt`. */
  readonly revision: number;
}

/** Keeps API keys. An error of a method means that the store cannot be reached. */
export interface ApiKeyStore {
  /** Settles when the record is durable. False if another record has this id; that one stays unchanged. */
  add(record: ApiKeyRecord): Promise<boolean>;
  /** The records with these ids as they are now, in any order. Called with 1,000 ids at most. */
  find(ids: readonly string[]): Promise<readonly ApiKeyRecord[]>;
  /** All records in any order, including keys that were revoked or have expired. */
  list(): Promise<readonly ApiKeyRecord[]>;
  /**
   * Replaces the record with the same id and the previous revision, except its `lastUsedAt`, and settles when that is durable.
   * False, without a change, if there is no such record.
   */
  replace(record: ApiKeyRecord): Promise<boolean>;
  /** Sets `lastUsedAt` of these keys, unless it is later already. Unknown ids are ignored. */
  used(ids: readonly string[], at: number): Promise<void>;
}

/** How many ids `find` and `used` are given at most. */
export const maxIds = 1_000;

/**
 * The API keys of a guard's store.
 * @throws GuardError `store_invalid`
 */
export function apiKeysOf(store: { readonly apiKeys?: ApiKeyStore } | undefined, caller: string): ApiKeyStore {
  const keys: Partial<ApiKeyStore> | undefined = store?.apiKeys;
  if (keys !== undefined && [keys.add, keys.find, keys.list, keys.replace, keys.used].every((method) => typeof method === "function")) return keys as ApiKeyStore;
  throw new GuardError("store_invalid", `${caller} needs a store that keeps API keys: memoryStore(), sqlStore(database) or redisStore(client).`);
}
