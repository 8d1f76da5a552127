/** Reads keys from their store, many at once and one reading after the other: a flood of handshakes asks it no faster. */
import { storeTimeout, withTimeout } from "../timeout.js";
import { mostAtOnce, type ApiKeyRecord, type ApiKeyStore } from "./record.js";

/** Given a record, or undefined if there is none, and the instant as of which that is so, at the latest. */
type Take<Answer> = (record: ApiKeyRecord | undefined, asked: number) => Answer;

interface Waiter {
  readonly id: string;
  readonly take: (record: ApiKeyRecord | undefined, asked: number) => void;
  readonly fail: (error: unknown) => void;
}

export class Reader {
  readonly #store: ApiKeyStore;
  readonly #maxStaleness: number;
  #waiting: Waiter[] = [];
  #isReading = false;
  /** What was changed while a reading was under way, which may have come too early to see it. */
  readonly #changed = new Map<string, ApiKeyRecord>();

  constructor(store: ApiKeyStore, maxStaleness: number) {
    this.#store = store;
    this.#maxStaleness = maxStaleness;
  }

  /** What `take` makes of the record. It is called in the tick in which the record is known: no change comes in between. */
  read<Answer>(id: string, take: Take<Answer>): Promise<Answer> {
    return new Promise((resolve, fail) => {
      this.#waiting.push({ id, fail, take: (record, asked) => resolve(take(record, asked)) });
      void this.#readAll();
    });
  }

  /** What the store has taken just now. */
  heard(record: ApiKeyRecord): void {
    if (this.#isReading) this.#changed.set(record.id, later(record, this.#changed.get(record.id))!);
  }

  async #readAll(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#waiting.length > 0) await this.#readSome(this.#waiting.splice(0, mostAtOnce));
    this.#isReading = false;
  }

  async #readSome(waiters: readonly Waiter[]): Promise<void> {
    this.#changed.clear();
    const asked = Date.now();
    const ms = storeTimeout(this.#maxStaleness);
    try {
      const records = await withTimeout({ ms, message: `The store of API keys did not answer within ${ms} ms.` }, () => this.#store.find([...new Set(waiters.map(({ id }) => id))]));
      const found = new Map(records.map((record) => [record.id, record]));
      for (const { id, take, fail } of waiters) attempt(() => take(later(this.#changed.get(id), found.get(id)), asked), fail);
    } catch (error) {
      for (const { fail } of waiters) fail(error);
    }
  }

}

function later(one: ApiKeyRecord | undefined, other: ApiKeyRecord | undefined): ApiKeyRecord | undefined {
  return (one?.revision ?? 0) >= (other?.revision ?? 0) ? one : other;
}

function attempt(work: () => void, fail: (error: unknown) => void): void {
  try {
    work();
  } catch (error) {
    fail(error);
  }
}
