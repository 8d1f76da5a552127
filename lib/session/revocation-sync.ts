/**
 * Keeps this node's revocations equal to the store's: reads what is new at least twice in `maxStaleness`, publishes what
 * the store does not have, and says until when this node may rely on what it knows.
 */
import { callListener } from "../callbacks.js";
import { inTime } from "../patience.js";
import type { Revocation, RevocationStore, Version } from "./revocation.js";
import type { Revocations } from "./revocations.js";

export interface RevocationSyncOptions {
  readonly store: RevocationStore;
  readonly revocations: Revocations;
  /** Milliseconds. */
  readonly maxStaleness: number;
  /** What this node did not know yet was added: these. */
  readonly heard: (records: readonly Revocation[]) => void;
  /** What the store did not take at first is in it now. */
  readonly published: () => void;
  readonly failed: (error: unknown) => void;
}

const mostInAppend = 1_000;

export class RevocationSync {
  /** Epoch milliseconds until which what this node knows counts as whole. */
  staleAt = 0;
  readonly #options: RevocationSyncOptions;
  readonly #unpublished = new Set<Revocation>();
  #version: Version | undefined = undefined;
  #isKnown = false;
  #reading: Promise<void> | undefined = undefined;
  #repeat: Promise<void> | undefined = undefined;
  #nextReading: NodeJS.Timeout | undefined = undefined;
  #staleness: NodeJS.Timeout | undefined = undefined;
  #isStopped = false;

  constructor(options: RevocationSyncOptions) {
    this.#options = options;
    void this.read();
  }

  /** Whether the store has been read at any time. */
  get isReady(): boolean {
    return this.#isKnown;
  }

  /** Settles when the store has been read, or could not be, if that was not so at any time before. */
  async known(): Promise<void> {
    if (!this.#isKnown) await this.#reading;
  }

  /** Reads now. A reading that is under way may have been too early: then another follows it. Settles also if the store cannot be read. */
  read(): Promise<void> {
    if (this.#isStopped) return this.#reading ?? Promise.resolve();
    if (this.#reading === undefined) return this.#reading = this.#readOnce();
    return this.#repeat ??= this.#reading.then(() => {
      this.#repeat = undefined;
      return this.read();
    });
  }

  /**
   * Makes records durable. What the store does not take now is kept, and published as soon as it does.
   * @throws what the store throws
   */
  async publish(records: readonly Revocation[]): Promise<void> {
    for (const record of records) this.#unpublished.add(record);
    try {
      await this.#append(records);
    } catch (error) {
      this.#readIn(this.#soon);
      throw error;
    }
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#nextReading);
    clearTimeout(this.#staleness);
  }

  async #readOnce(): Promise<void> {
    clearTimeout(this.#nextReading);
    const started = performance.now();
    let again = this.#soon;
    try {
      // Reading comes first and counts alone: whether others have heard of this node's records does not change what it knows.
      await this.#catchUp();
      const late = [...this.#unpublished];
      await this.#append(late);
      if (late.length > 0) this.#options.published();
      again = this.#options.maxStaleness / 2;
    } catch (error) {
      callListener(() => this.#options.failed(error));
    }
    this.#reading = undefined;
    this.#readIn(started + again - performance.now());
  }

  /** When the store does not do what it is asked. */
  get #soon(): number {
    return this.#options.maxStaleness / 8;
  }

  #readIn(wait: number): void {
    clearTimeout(this.#nextReading);
    if (this.#isStopped) return;
    this.#nextReading = setTimeout(() => void this.read(), Math.max(0, wait));
    this.#nextReading.unref();
  }

  /** Reads page by page until there is no more. */
  async #catchUp(): Promise<void> {
    let losses = 0;
    for (;;) {
      const asked = { at: performance.now(), on: Date.now() };
      const { records, version } = await this.#inTime(this.#options.store.since(this.#version));
      if (wentBackwards(this.#version, version)) {
        if ((losses += 1) > 1) throw new Error("The store of revocations went backwards twice while it was read.");
        await this.#restore();
      }
      this.#version = version;
      if (records.length === 0) return this.#isWhole(asked);
      this.#take(records);
    }
  }

  /**
   * What was asked for at this instant was all. Either clock may have missed time since: a wall clock that is set back,
   * and the other one while the machine sleeps. The timer counts too, for what is set back later.
   */
  #isWhole(asked: { readonly at: number; readonly on: number }): void {
    const left = this.#options.maxStaleness - Math.max(performance.now() - asked.at, Date.now() - asked.on);
    this.#isKnown = true;
    this.staleAt = Date.now() + left;
    clearTimeout(this.#staleness);
    if (this.#isStopped) return;
    this.#staleness = setTimeout(() => (this.staleAt = 0), left);
    this.#staleness.unref();
  }

  #take(records: readonly Revocation[]): void {
    const { revocations, heard } = this.#options;
    const now = Date.now();
    const news = records.filter((record) => revocations.add(record, now));
    if (news.length > 0) heard(news);
  }

  /** The store has lost records: until it has again what memory knows, and was read after that, nothing counts as whole. */
  async #restore(): Promise<void> {
    this.staleAt = 0;
    for (const record of this.#options.revocations) this.#unpublished.add(record);
    await this.#append([...this.#unpublished]);
  }

  async #append(records: readonly Revocation[]): Promise<void> {
    const now = Date.now();
    const lasting = records.filter((record) => record.expiresAt > now || !this.#unpublished.delete(record));
    for (let first = 0; first < lasting.length; first += mostInAppend) {
      const some = lasting.slice(first, first + mostInAppend);
      await this.#inTime(this.#options.store.append(some));
      for (const record of some) this.#unpublished.delete(record);
    }
  }

  #inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
    return inTime(answer, "revocations", this.#options.maxStaleness);
  }
}

function wentBackwards(known: Version | undefined, now: Version): boolean {
  return known !== undefined && (now.epoch !== known.epoch || now.number < known.number);
}
