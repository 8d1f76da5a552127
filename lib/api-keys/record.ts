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

/** Keeps API keys in the memory of this process, for tests and trials. */
export class MemoryApiKeys implements ApiKeyStore {
  readonly #records = new Map<string, ApiKeyRecord>();

  add(record: ApiKeyRecord): Promise<boolean> {
    const isNew = !this.#records.has(record.id);
    if (isNew) this.#records.set(record.id, record);
    return Promise.resolve(isNew);
  }

  find(ids: readonly string[]): Promise<readonly ApiKeyRecord[]> {
    return Promise.resolve(ids.flatMap((id) => this.#records.get(id) ?? []));
  }

  list(): Promise<readonly ApiKeyRecord[]> {
    return Promise.resolve([...this.#records.values()]);
  }

  replace(record: ApiKeyRecord): Promise<boolean> {
    const known = this.#records.get(record.id);
    const isNext = known?.revision === record.revision - 1;
    if (isNext) this.#records.set(record.id, { ...record, lastUsedAt: known.lastUsedAt });
    return Promise.resolve(isNext);
  }

  used(ids: readonly string[], at: number): Promise<void> {
    for (const id of ids) {
      const known = this.#records.get(id);
      if (known !== undefined && (known.lastUsedAt ?? -Infinity) < at) this.#records.set(id, { ...known, lastUsedAt: at });
    }
    return Promise.resolve();
  }
}
