/** One key as this node knows it: what keeps the sessions that it opened true. */
import { callListener } from "../callbacks.js";
import type { ApiKeyRecord } from "./record.js";
import { standingNow, type KeyVerifiedBy, type KeyInstants } from "./standing.js";

export interface FollowedKeyOptions {
  /** Milliseconds. */
  readonly maxStaleness: number;
  /** Somebody wants to hear of its changes. */
  readonly opened: (key: FollowedKey) => void;
}

/** Fits the `LiveCredential` of an identity whose `verifiedBy` is a `KeyVerifiedBy`. */
export class FollowedKey {
  readonly id: string;
  readonly #options: FollowedKeyOptions;
  #record: ApiKeyRecord | undefined;
  #readAt: number;
  #generation = 0;
  readonly #listeners = new Set<() => void>();
  /** Epoch milliseconds of its last handshake. */
  askedAt: number;
  /** Up to when its use was written down. */
  notedAt: number;

  constructor(record: ApiKeyRecord, readAt: number, options: FollowedKeyOptions) {
    this.id = record.id;
    this.#record = record;
    this.#readAt = readAt;
    this.#options = options;
    this.askedAt = readAt;
    this.notedAt = record.lastUsedAt ?? -Infinity;
  }

  get record(): ApiKeyRecord | undefined {
    return this.#record;
  }

  /** Whether what is known of it may be relied on. Said so that a clock that was set back makes it hold little longer. */
  get isFresh(): boolean {
    return Math.abs(Date.now() - this.#readAt) < this.#options.maxStaleness;
  }

  /** Whether it has sessions. */
  get isHeld(): boolean {
    return this.#listeners.size > 0;
  }

  /** No number while the store could not be read for too long: then each look asks. */
  get generation(): number {
    return this.isFresh ? this.#generation : NaN;
  }

  validity({ verifiedBy }: { readonly verifiedBy?: unknown }): KeyInstants | "token_revoked" | "unavailable" | undefined {
    const standing = standingNow(this.#record, verifiedBy as KeyVerifiedBy);
    if (this.isFresh || typeof standing !== "object") return standing;
    // What has expired stays so, whatever a store would say.
    return Date.now() < standing.endsAt ? "unavailable" : standing;
  }

  onChange(listener: () => void): () => void {
    this.#options.opened(this);
    const own = () => listener();
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Takes what the store has taken just now. Of two changes, the earlier one may be heard of later. */
  heard(record: ApiKeyRecord, now: number): void {
    if (record.revision >= (this.#record?.revision ?? 0)) this.take(record, now);
  }

  /** Takes the record as it was at an instant; undefined: there is none. */
  take(record: ApiKeyRecord | undefined, readAt: number): void {
    const isChanged = stateOf(record) !== stateOf(this.#record);
    this.#record = record;
    this.#readAt = readAt;
    if (!isChanged) return;
    this.#generation += 1;
    for (const listener of [...this.#listeners]) callListener(listener);
  }
}

/** All but its last use. Its revision would not show what a host changed in the store by itself. */
function stateOf(record: ApiKeyRecord | undefined): string | undefined {
  return record && JSON.stringify({ ...record, lastUsedAt: null });
}
