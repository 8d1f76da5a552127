/** Follows the keys that are in use on this node: reads them at least twice in `maxStaleness`, and records when they were last used. */
import { callListener } from "../callbacks.js";
import { Poller } from "../poller.js";
import { FollowedKey } from "./followed-key.js";
import { KeyLoader } from "./key-loader.js";
import { maxIds, type ApiKeyRecord, type ApiKeyStore } from "./record.js";

export interface KeyFollowerOptions {
  readonly store: ApiKeyStore;
  /** Milliseconds. */
  readonly maxStaleness: number;
  readonly onError: (error: unknown) => void;
}

// Milliseconds between two writes of `lastUsedAt`.
const recordInterval = 60_000;

export class KeyFollower {
  readonly #options: KeyFollowerOptions;
  readonly #loader: KeyLoader;
  /** A key that was forgotten, and is then used by a late session, is followed beside its successor. */
  readonly #followed = new Set<FollowedKey>();
  readonly #latest = new Map<string, FollowedKey>();
  /** Runs while there are keys to follow. */
  #poller: Poller | undefined = undefined;

  constructor(options: KeyFollowerOptions) {
    this.#options = options;
    this.#loader = new KeyLoader(options.store, options.maxStaleness);
    followersOf(options.store).add(this);
  }

  /** A key that was read recently. */
  known(id: string): FollowedKey | undefined {
    const key = this.#latest.get(id);
    return key?.isFresh === true ? key : undefined;
  }

  /** What `use` makes of a record as it is in the store now. @throws (the promise rejects) what the store throws */
  load<Answer>(id: string, use: (record: ApiKeyRecord | undefined, asOf: number) => Answer): Promise<Answer> {
    return this.#loader.load(id, use);
  }

  /** Follows a key that a client has shown, for as long as it has sessions. The record was read at an instant. */
  follow(record: ApiKeyRecord, asOf: number): FollowedKey {
    const { maxStaleness } = this.#options;
    let key = this.#latest.get(record.id);
    if (key === undefined) {
      // A session may be opened long after its handshake, when its key has been forgotten: `onUse` follows it again.
      key = new FollowedKey(record, asOf, { maxStaleness, onUse: (used) => this.keep(used) });
      this.#latest.set(record.id, key);
    } else key.update(record, asOf);
    return this.keep(key);
  }

  /** A client has shown this key, or a session was opened with it. */
  keep(key: FollowedKey): FollowedKey {
    key.usedAt = Date.now();
    this.#followed.add(key);
    this.#poller ??= this.#startPolling();
    return key;
  }

  /** The store has just taken this record. */
  changed(record: ApiKeyRecord): void {
    this.#loader.changed(record);
    const now = Date.now();
    for (const key of [...this.#followed]) if (key.id === record.id) key.changed(record, now);
  }

  #startPolling(): Poller {
    const { maxStaleness } = this.#options;
    const poller = new Poller({ task: () => this.#poll(), interval: maxStaleness / 2, retryInterval: maxStaleness / 8 });
    poller.runIn(maxStaleness / 2);
    return poller;
  }

  async #poll(): Promise<void> {
    this.#forgetUnused();
    if (this.#followed.size === 0) {
      this.#poller?.stop();
      this.#poller = undefined;
      return;
    }
    const loads = [...this.#followed].map((key) => this.load(key.id, (record, asOf) => key.update(record, asOf)));
    const failure = (await Promise.allSettled(loads)).find((load) => load.status === "rejected");
    if (failure !== undefined) {
      this.#report(failure.reason);
      throw failure.reason;
    }
    this.#recordUse();
  }

  #forgetUnused(): void {
    const now = Date.now();
    for (const key of this.#followed) {
      if (key.hasSessions || Math.abs(now - key.usedAt) < this.#options.maxStaleness) continue;
      this.#followed.delete(key);
      if (this.#latest.get(key.id) === key) this.#latest.delete(key.id);
    }
  }

  /** Nothing waits for these writes. One that fails is repeated a minute later. */
  #recordUse(): void {
    const { store } = this.#options;
    const now = Date.now();
    const due = [...this.#followed].filter(({ recordedAt }) => now - recordedAt >= recordInterval);
    for (const key of due) key.recordedAt = now;
    const ids = [...new Set(due.map(({ id }) => id))];
    for (let first = 0; first < ids.length; first += maxIds) {
      new Promise((resolve) => resolve(store.used(ids.slice(first, first + maxIds), now))).catch((error: unknown) => this.#report(error));
    }
  }

  #report(error: unknown): void {
    callListener(() => this.#options.onError(error));
  }
}

const followers = new WeakMap<ApiKeyStore, Set<KeyFollower>>();

function followersOf(store: ApiKeyStore): Set<KeyFollower> {
  let found = followers.get(store);
  if (found === undefined) followers.set(store, (found = new Set()));
  return found;
}

/** Tells the followers of a store in this process at once that it has taken a record. Other processes read it a moment later. */
export function notifyChanged(store: ApiKeyStore, record: ApiKeyRecord): void {
  for (const follower of followersOf(store)) follower.changed(record);
}
