/** Loads keys from their store in batches, one batch at a time: a flood of handshakes does not make the store busier. */
import { storeTimeout, withTimeout } from "../timeout.js";
import { maxIds, type ApiKeyRecord, type ApiKeyStore } from "./record.js";

/** Given the record, or undefined if there is none, and the instant (epoch milliseconds) as of which this is true. */
type Use<Answer> = (record: ApiKeyRecord | undefined, asOf: number) => Answer;

interface Request {
  readonly id: string;
  readonly use: Use<void>;
  readonly fail: (error: unknown) => void;
}

export class KeyLoader {
  readonly #store: ApiKeyStore;
  readonly #timeout: number;
  #requests: Request[] = [];
  #isLoading = false;
  /** Records that were changed while a batch was being loaded: the batch may have been read before the change. */
  readonly #changed = new Map<string, ApiKeyRecord>();

  constructor(store: ApiKeyStore, maxStaleness: number) {
    this.#store = store;
    this.#timeout = storeTimeout(maxStaleness);
  }

  /**
   * What `use` makes of a record. It is called in the tick in which the record is known, so that no change comes in between.
   * @throws (the promise rejects) what the store throws
   */
  load<Answer>(id: string, use: Use<Answer>): Promise<Answer> {
    return new Promise((resolve, fail) => {
      this.#requests.push({ id, fail, use: (record, asOf) => resolve(use(record, asOf)) });
      void this.#loadAll();
    });
  }

  /** The store has just taken this record. */
  changed(record: ApiKeyRecord): void {
    if (this.#isLoading) this.#changed.set(record.id, newer(record, this.#changed.get(record.id))!);
  }

  async #loadAll(): Promise<void> {
    if (this.#isLoading) return;
    this.#isLoading = true;
    while (this.#requests.length > 0) await this.#loadBatch(this.#requests.splice(0, maxIds));
    this.#isLoading = false;
  }

  async #loadBatch(requests: readonly Request[]): Promise<void> {
    this.#changed.clear();
    const asOf = Date.now();
    try {
      const records = await this.#find([...new Set(requests.map(({ id }) => id))]);
      const byId = new Map(records.map((record) => [record.id, record]));
      for (const { id, use, fail } of requests) {
        // What one request throws must not keep the others waiting.
        try {
          use(newer(this.#changed.get(id), byId.get(id)), asOf);
        } catch (error) {
          fail(error);
        }
      }
    } catch (error) {
      for (const { fail } of requests) fail(error);
    }
  }

  #find(ids: readonly string[]): Promise<readonly ApiKeyRecord[]> {
    const ms = this.#timeout;
    return withTimeout({ ms, message: `The store of API keys did not answer within ${ms} ms.` }, () => this.#store.find(ids));
  }
}

function newer(one: ApiKeyRecord | undefined, other: ApiKeyRecord | undefined): ApiKeyRecord | undefined {
  return (one?.revision ?? 0) >= (other?.revision ?? 0) ? one : other;
}
