/** Follows the keys that are in use here: reads each at least twice in `maxStaleness`, and writes down that it is used. */
import { callListener } from "../callbacks.js";
import { onChange } from "./changes.js";
import { FollowedKey } from "./followed-key.js";
import { Reader } from "./reader.js";
import { mostAtOnce, type ApiKeyRecord, type ApiKeyStore } from "./record.js";

export interface KeyFollowerOptions {
  readonly store: ApiKeyStore;
  /** Milliseconds. */
  readonly maxStaleness: number;
  readonly failed: (error: unknown) => void;
}

// Milliseconds that a last-used time may be behind.
const notedEvery = 60_000;

export class KeyFollower {
  readonly #options: KeyFollowerOptions;
  readonly #reader: Reader;
  /** A key that was forgotten and then comes into use again is followed beside its successor. */
  readonly #followed = new Set<FollowedKey>();
  readonly #latest = new Map<string, FollowedKey>();
  #timer: NodeJS.Timeout | undefined = undefined;
  #isLooking = false;

  constructor(options: KeyFollowerOptions) {
    const { store, maxStaleness } = options;
    this.#options = options;
    this.#reader = new Reader(store, maxStaleness);
    onChange(store, (record) => this.#heard(record));
  }

  /** A key that was read lately, by whoever connected before. */
  known(id: string): FollowedKey | undefined {
    const key = this.#latest.get(id);
    return key?.isFresh ? key : undefined;
  }

  /** What `take` makes of a key as the store has it now. Rejects if that cannot be said. */
  read<Answer>(id: string, take: (record: ApiKeyRecord | undefined, asked: number) => Answer): Promise<Answer> {
    return this.#reader.read(id, take);
  }

  /** Follows a key from here on, for as long as it has sessions: it was read at an instant, and somebody came in by it. */
  follow(record: ApiKeyRecord, readAt: number): FollowedKey {
    const { maxStaleness } = this.#options;
    let key = this.#latest.get(record.id);
    // A session may be opened a while after its handshake, when its key was forgotten already: that brings it back.
    if (key === undefined) this.#latest.set(record.id, (key = new FollowedKey(record, readAt, { maxStaleness, opened: (own) => this.keep(own) })));
    else key.take(record, readAt);
    return this.keep(key);
  }

  /** Somebody comes in by a key, or is about to. */
  keep(key: FollowedKey): FollowedKey {
    key.askedAt = Date.now();
    this.#followed.add(key);
    if (this.#timer === undefined && !this.#isLooking) this.#lookIn(this.#options.maxStaleness / 2);
    return key;
  }

  #heard(record: ApiKeyRecord): void {
    this.#reader.heard(record);
    const now = Date.now();
    for (const key of [...this.#followed]) if (key.id === record.id) key.heard(record, now);
  }

  #lookIn(wait: number): void {
    this.#timer = setTimeout(() => void this.#look(), wait);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const { maxStaleness } = this.#options;
    this.#timer = undefined;
    this.#isLooking = true;
    this.#forgetUnused();
    const looks = await Promise.allSettled([...this.#followed].map((key) => this.#reader.read(key.id, (record, asked) => key.take(record, asked))));
    const failure = looks.find((look) => look.status === "rejected");
    if (failure === undefined) this.#noteUse();
    else this.#tell(failure.reason);
    this.#isLooking = false;
    if (this.#followed.size > 0) this.#lookIn(failure === undefined ? maxStaleness / 2 : maxStaleness / 8);
  }

  #forgetUnused(): void {
    const now = Date.now();
    for (const key of this.#followed) {
      if (key.isHeld || Math.abs(now - key.askedAt) < this.#options.maxStaleness) continue;
      this.#followed.delete(key);
      if (this.#latest.get(key.id) === key) this.#latest.delete(key.id);
    }
  }

  /** Nobody waits for it, and what the store does not take is tried again a minute later. */
  #noteUse(): void {
    const { store } = this.#options;
    const now = Date.now();
    const due = [...this.#followed].filter(({ notedAt }) => now - notedAt >= notedEvery);
    for (const key of due) key.notedAt = now;
    const ids = [...new Set(due.map(({ id }) => id))];
    for (let first = 0; first < ids.length; first += mostAtOnce) {
      new Promise((resolve) => resolve(store.used(ids.slice(first, first + mostAtOnce), now))).catch((error: unknown) => this.#tell(error));
    }
  }

  #tell(error: unknown): void {
    callListener(() => this.#options.failed(error));
  }
}
