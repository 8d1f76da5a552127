/** Keeps the revocations of this node equal to those of the store: polls for new ones, publishes its own, and notices a store that has lost some. */
import { callListener } from "../callbacks.js";
import { Poller } from "../poller.js";
import { storeTimeout, withTimeout } from "../timeout.js";
import { noticeLives } from "./notice.js";
import type { Revocation, RevocationStore, RevocationVersion, Revocations } from "./revocation.js";

export interface RevocationSyncOptions {
  readonly store: RevocationStore;
  readonly revocations: Revocations;
  /** Milliseconds. */
  readonly maxStaleness: number;
  /** Told until when this node may rely on what it knows. */
  readonly freshness: { staleAt: number };
  /** These are new to this node. They are in `revocations` already. */
  readonly onNew: (records: readonly Revocation[]) => void;
  /** The store was read, and the last time was so long ago that notices of changed users may have expired in between. */
  readonly onNoticesMissed: () => void;
  /** The store has answered what it was asked at that instant of `performance.now()`. */
  readonly onRead: (startedAt: number) => void;
  /** The store has taken records that it did not take at first. */
  readonly onPublished: () => void;
  /** The store was read, and has taken all records of this node. */
  readonly onSynchronized: () => void;
  readonly onError: (error: unknown) => void;
}

const maxInAppend = 1_000;

export class RevocationSync {
  readonly #options: RevocationSyncOptions;
  readonly #poller: Poller;
  readonly #retryInterval: number;
  readonly #unpublished = new Set<Revocation>();
  #version: RevocationVersion | undefined = undefined;
  /** Whether the store has been read at least once. */
  #isReady = false;
  /** When this node last knew everything, in epoch milliseconds. */
  #knewAllAt = Infinity;
  /** The same, of `performance.now()`. */
  #knewAllSince = performance.now();
  /** Epoch milliseconds; undefined while this node is up to date. */
  #staleSince: number | undefined = Date.now();
  #staleTimer: NodeJS.Timeout | undefined = undefined;

  constructor(options: RevocationSyncOptions) {
    const { maxStaleness, freshness } = options;
    this.#options = options;
    this.#retryInterval = maxStaleness / 8;
    this.#poller = new Poller({ task: () => this.#synchronize(), interval: maxStaleness / 2, retryInterval: this.#retryInterval });
    freshness.staleAt = 0;
    void this.read();
  }

  /** Since when this node has not been up to date with the store, in epoch milliseconds; undefined while it is. */
  get notReadySince(): number | undefined {
    return this.#staleSince;
  }

  /** Milliseconds since this node last knew everything that was in the store; before the first time, since it started. */
  get staleness(): number {
    return performance.now() - this.#knewAllSince;
  }

  /** Undefined if the store has been read before. Else it settles when the current read has ended, with or without success. */
  ready(): Promise<void> | undefined {
    return this.#isReady ? undefined : this.#poller.running?.catch(reported);
  }

  /** Reads the store now. Settles when it was read, or could not be. */
  async read(): Promise<void> {
    if (!this.#poller.isStopped) await this.#poller.run().catch(reported);
  }

  /**
   * Makes records durable. Records that the store does not take now are kept, and published as soon as it does.
   * @throws what the store throws
   */
  async publish(records: readonly Revocation[]): Promise<void> {
    for (const record of records) this.#unpublished.add(record);
    try {
      await this.#append(records);
    } catch (error) {
      this.#poller.runIn(this.#retryInterval);
      throw error;
    }
  }

  stop(): void {
    this.#poller.stop();
    clearTimeout(this.#staleTimer);
  }

  async #synchronize(): Promise<void> {
    try {
      // This node is up to date once it has read. Whether the store takes its records does not change that.
      await this.#readNew();
      await this.#publishLate();
      this.#options.onSynchronized();
    } catch (error) {
      callListener(() => this.#options.onError(error));
      throw error;
    }
  }

  /** Reads page by page until there are no more records. */
  async #readNew(): Promise<void> {
    let losses = 0;
    for (;;) {
      const asked = { monotonic: performance.now(), wall: Date.now() };
      const { records, version } = await this.#ask(() => this.#options.store.since(this.#version));
      this.#options.onRead(asked.monotonic);
      if (isBehind(version, this.#version)) {
        if ((losses += 1) > 1) throw new Error("The store of revocations went backwards twice while it was read.");
        await this.#restore();
      }
      this.#version = version;
      if (records.length === 0) return this.#upToDate(asked);
      this.#add(records);
    }
  }

  async #publishLate(): Promise<void> {
    const late = [...this.#unpublished];
    await this.#append(late);
    if (late.length > 0) this.#options.onPublished();
  }

  #add(records: readonly Revocation[]): void {
    const { revocations, onNew } = this.#options;
    const now = Date.now();
    const news = records.filter((record) => revocations.add(record, now));
    if (news.length > 0) onNew(news);
  }

  /**
   * This node knows everything that was in the store at an instant. Either clock may have missed time since then: the wall
   * clock can be set back, and the monotonic one stands still while the machine sleeps. The timer covers a later change of the wall clock.
   */
  #upToDate(asked: { readonly monotonic: number; readonly wall: number }): void {
    const { maxStaleness, freshness, onNoticesMissed } = this.#options;
    if (asked.wall - this.#knewAllAt >= noticeLives.user) onNoticesMissed();
    this.#knewAllAt = asked.wall;
    this.#knewAllSince = asked.monotonic;
    const left = maxStaleness - Math.max(performance.now() - asked.monotonic, Date.now() - asked.wall);
    this.#isReady = true;
    freshness.staleAt = Date.now() + left;
    this.#staleSince = undefined;
    clearTimeout(this.#staleTimer);
    if (this.#poller.isStopped) return;
    this.#staleTimer = setTimeout(() => this.#stale(), left);
    this.#staleTimer.unref();
  }

  /** The store has lost records. This node is stale until it has given back what it knows and has read the store after that. */
  async #restore(): Promise<void> {
    this.#stale();
    for (const record of this.#options.revocations) this.#unpublished.add(record);
    await this.#append([...this.#unpublished]);
  }

  #stale(): void {
    this.#options.freshness.staleAt = 0;
    this.#staleSince ??= Date.now();
  }

  async #append(records: readonly Revocation[]): Promise<void> {
    const now = Date.now();
    const lasting = records.filter((record) => record.expiresAt > now || !this.#unpublished.delete(record));
    for (let first = 0; first < lasting.length; first += maxInAppend) {
      const some = lasting.slice(first, first + maxInAppend);
      await this.#ask(() => this.#options.store.append(some));
      for (const record of some) this.#unpublished.delete(record);
    }
  }

  #ask<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const ms = storeTimeout(this.#options.maxStaleness);
    return withTimeout({ ms, message: `The store of revocations did not answer within ${ms} ms.` }, work);
  }
}

/** `#synchronize` has told `onError` already. */
function reported(): void {}

function isBehind(version: RevocationVersion, known: RevocationVersion | undefined): boolean {
  return known !== undefined && (version.epoch !== known.epoch || version.number < known.number);
}
