/** The store of a guard: it keeps what all nodes share, and what must survive a restart. */
import type { ApiKeyRecord, ApiKeyStore } from "./api-keys/record.js";
import type { RevocationStore } from "./session/revocation.js";

/** A part that is missing is kept in the memory of this node only: other nodes do not see it, and a restart forgets it. */
export interface GuardStore {
  /** Where `guarded.revoke()` keeps its records. */
  readonly revocations?: RevocationStore;
  /** Required for API keys only. */
  readonly apiKeys?: ApiKeyStore;
}

/** Keeps everything in the memory of this node, for a single node that may forget revocations and API keys when it restarts. The default. */
export function memoryStore(): GuardStore & { readonly apiKeys: ApiKeyStore } {
  return Object.freeze({ apiKeys: new MemoryApiKeys() });
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

/**
 * Escapes a string for databases, which do not take a NUL or half of a surrogate pair. Most values stay as they are: only quotes,
 * backslashes, control characters and lone surrogates are escaped.
 */
export function escapeText(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

export function unescapeText(text: string): string {
  return JSON.parse(`"${text}"`) as string;
}
