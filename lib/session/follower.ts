/**
 * Keeps this node's revocations equal to the store's: reads what is new at least twice in `staleAfter`, publishes what
 * the store does not have, and says until when this node may rely on what it knows.
 */
import { setTimeout as after } from "node:timers/promises";
import type { Revocation, RevocationStore, Version } from "./revocation.js";
import type { Revocations } from "./revocations.js";

export interface FollowerOptions {
  readonly store: RevocationStore;
  readonly revocations: Revocations;
  /** Milliseconds. */
  readonly staleAfter: number;
  /** What this node did not know yet was added. */
  readonly heard: () => void;
  readonly failed: (error: unknown) => void;
}

const mostInAppend = 1_000;

export class Follower {
  /** Epoch milliseconds until which what this node knows counts as whole. */
  staleAt = 0;
  readonly #options: FollowerOptions;
  readonly #unpublished = new Set<Revocation>();
  #version: Version | undefined = undefined;
  #reading: Promise<void> | undefined = undefined;
  #readAgain = false;
  #timer: NodeJS.Timeout | undefined = undefined;
  #isStopped = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
    void this.read();
  }

  /** Whether the store has been read at any time. */
  get isReady(): boolean {
    return this.#version !== undefined;
  }

  /** Settles when the store has been read, or could not be, if that was not so at any time before. */
  async known(): Promise<void> {
    if (this.#version === undefined) await this.#reading;
  }

  /** Reads now. A read that is under way may have been too early: then it is followed by another. */
  read(): Promise<void> {
    if (this.#reading !== undefined) this.#readAgain = true;
    else if (!this.#isStopped) this.#reading = this.#readOnce();
    return this.#reading ?? Promise.resolve();
  }

  /**
   * Makes records durable. What the store does not take now is kept, and published as soon as it does.
   * @throws what the store throws
   */
  async publish(records: readonly Revocation[]): Promise<void> {
    for (const record of records) this.#unpublished.add(record);
    await this.#append(records);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #readOnce(): Promise<void> {
    clearTimeout(this.#timer);
    const started = Date.now();
    // A clock that was set back must not make old news fresh.
    this.staleAt = Math.min(this.staleAt, started + this.#options.staleAfter);
    try {
      await this.#append([...this.#unpublished]);
      this.staleAt = (await this.#catchUp()) + this.#options.staleAfter;
    } catch (error) {
      this.#options.failed(error);
    }
    this.#reading = undefined;
    if (this.#isStopped) return;
    if (this.#readAgain) {
      this.#readAgain = false;
      return this.read();
    }
    const wait = Math.max(0, started + this.#options.staleAfter / 2 - Date.now());
    this.#timer = setTimeout(() => void this.read(), Math.min(wait, this.#options.staleAfter / 2));
    this.#timer.unref();
  }

  /** Reads page by page until there is no more. Answers when the last one was asked for. */
  async #catchUp(): Promise<number> {
    for (;;) {
      const asked = Date.now();
      const { records, version } = await this.#inTime(this.#options.store.since(this.#version));
      if (wentBackwards(this.#version, version)) await this.#restore();
      this.#version = version;
      if (records.length === 0) return asked;
      this.#take(records);
    }
  }

  #take(records: readonly Revocation[]): void {
    const { revocations, heard } = this.#options;
    const now = Date.now();
    let news = 0;
    for (const record of records) if (revocations.add(record, now)) news += 1;
    if (news > 0) heard();
  }

  /** The store has lost records: until it has again what memory knows, nothing counts as whole. */
  async #restore(): Promise<void> {
    this.staleAt = 0;
    for (const record of this.#options.revocations) this.#unpublished.add(record);
    await this.#append([...this.#unpublished]);
  }

  async #append(records: readonly Revocation[]): Promise<void> {
    for (let first = 0; first < records.length; first += mostInAppend) {
      const some = records.slice(first, first + mostInAppend);
      await this.#inTime(this.#options.store.append(some));
      for (const record of some) this.#unpublished.delete(record);
    }
  }

  async #inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
    const over = new AbortController();
    const tooLate = after(this.#options.staleAfter, undefined, { signal: over.signal, ref: false })
      .then(() => { throw new Error("The store did not answer within staleAfter."); });
    try {
      return await Promise.race([answer, tooLate]);
    } finally {
      over.abort();
      tooLate.catch(() => undefined);
    }
  }
}

function wentBackwards(known: Version | undefined, now: Version): boolean {
  return known !== undefined && (now.epoch !== known.epoch || now.number < known.number);
}
