/** The records that wait for one sink: a bounded buffer, written in batches in the background. */
import type { AuditRecord, AuditStore } from "./record.js";

export interface SinkQueueOptions {
  readonly store: AuditStore;
  /** How many records may wait. More are dropped, and counted. */
  readonly capacity: number;
  readonly onError: (error: unknown) => void;
  /** The sink works again. */
  readonly onRecovered: () => void;
}

const maxInBatch = 1_000;
// Milliseconds from a failed write to the next attempt: twice as long each time.
const firstDelay = 100;
const longestDelay = 30_000;

export class SinkQueue {
  readonly #options: SinkQueueOptions;
  readonly #records: AuditRecord[] = [];
  #dropped: { count: number; first: number; last: number } | undefined = undefined;
  /** Records that were dropped since the start. */
  allDropped = 0;
  #isWriting = false;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined = undefined;
  /** Called when nothing waits any more. */
  #onEmpty: (() => void) | undefined = undefined;

  constructor(options: SinkQueueOptions) {
    this.#options = options;
  }

  /** Records that are not written yet. */
  get waiting(): number {
    return this.#records.length;
  }

  get isFull(): boolean {
    return this.#records.length >= this.#options.capacity;
  }

  add(record: AuditRecord): void {
    if (this.isFull) return this.#drop(record);
    this.#records.push(record);
    // In the next turn, so that no event waits for a sink, and records of one turn are one batch.
    if (!this.#isWriting && this.#timer === undefined) this.#start();
  }

  /** Settles when all records are written, and at the latest when the time is over. */
  async close(ms: number): Promise<void> {
    const until = performance.now() + ms;
    if (this.#timer !== undefined) this.#start();
    await this.#settled(new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
      if (this.#records.length === 0 && !this.#isWriting) resolve();
    }), ms);
    clearTimeout(this.#timer);
    await this.#settled(this.#options.store.close?.(), Math.max(100, until - performance.now()));
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isWriting = true;
    setImmediate(() => void this.#writeAll());
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#records.length > 0) {
        const batch = this.#records.slice(0, maxInBatch);
        await this.#options.store.write(batch);
        this.#records.splice(0, batch.length);
        this.#tellDropped();
      }
      if (this.#failures > 0) this.#options.onRecovered();
      this.#failures = 0;
    } catch (error) {
      this.#retryLater();
      this.#options.onError(error);
    } finally {
      this.#isWriting = false;
      if (this.#records.length === 0) this.#onEmpty?.();
      else if (this.#timer === undefined) this.#start();
    }
  }

  #retryLater(): void {
    const delay = Math.min(firstDelay * 2 ** this.#failures, longestDelay);
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#start(), delay).unref();
  }

  #drop({ time }: AuditRecord): void {
    this.#dropped ??= { count: 0, first: time, last: time };
    this.#dropped.count += 1;
    this.allDropped += 1;
    this.#dropped.last = time;
  }

  /** There is a place again: the log says what is missing. */
  #tellDropped(): void {
    if (this.#dropped === undefined) return;
    this.#records.push({ time: Date.now(), type: "dropped", ...this.#dropped });
    this.#dropped = undefined;
  }

  async #settled(work: Promise<void> | undefined, ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => { timer = setTimeout(resolve, ms); });
    await Promise.race([Promise.resolve(work).catch((error: unknown) => this.#options.onError(error)), late]);
    clearTimeout(timer);
  }
}
