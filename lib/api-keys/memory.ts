/** API keys in this process' memory: for tests and for trying things out, because a restart forgets them. */
import type { ApiKeyRecord, ApiKeyStore } from "./record.js";

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
    const fits = known?.revision === record.revision - 1;
    if (fits) this.#records.set(record.id, { ...record, lastUsedAt: known.lastUsedAt });
    return Promise.resolve(fits);
  }

  used(ids: readonly string[], at: number): Promise<void> {
    for (const id of ids) {
      const known = this.#records.get(id);
      if (known !== undefined && (known.lastUsedAt ?? -Infinity) < at) this.#records.set(id, { ...known, lastUsedAt: at });
    }
    return Promise.resolve();
  }
}
