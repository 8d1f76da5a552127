/** One key as this node knows it. It is the `LiveCredential` of the sessions that were opened with the key. */
import { ChangeSource } from "../change-source.js";
import type { ApiKeyRecord } from "./record.js";
import { sessionKeyStatus, type KeyStatus, type KeyVerifiedBy } from "./status.js";

export interface FollowedKeyOptions {
  /** Milliseconds. */
  readonly maxStaleness: number;
  /** A session was opened with the key. */
  readonly onUse: (key: FollowedKey) => void;
}

export class FollowedKey {
  readonly id: string;
  readonly #options: FollowedKeyOptions;
  readonly #changes = new ChangeSource();
  #record: ApiKeyRecord | undefined;
  /** Epoch milliseconds as of which the record is known. */
  #asOf: number;
  /** Epoch milliseconds of its last handshake or session. */
  usedAt: number;
  /** Epoch milliseconds that were last written to the store as `lastUsedAt`. */
  recordedAt: number;

  constructor(record: ApiKeyRecord, asOf: number, options: FollowedKeyOptions) {
    this.id = record.id;
    this.#record = record;
    this.#asOf = asOf;
    this.#options = options;
    this.usedAt = asOf;
    this.recordedAt = record.lastUsedAt ?? -Infinity;
  }

  get record(): ApiKeyRecord | undefined {
    return this.#record;
  }

  /** Whether the record is recent enough to rely on. Both directions count, because the clock can be set back. */
  get isFresh(): boolean {
    return Math.abs(Date.now() - this.#asOf) < this.#options.maxStaleness;
  }

  get hasSessions(): boolean {
    return this.#changes.hasListeners;
  }

  /** NaN while the record is too old, so that every check asks `validity`. */
  get generation(): number {
    return this.isFresh ? this.#changes.generation : NaN;
  }

  validity({ verifiedBy }: { readonly verifiedBy?: unknown }): KeyStatus | "unavailable" {
    const status = sessionKeyStatus(this.#record, verifiedBy as KeyVerifiedBy, Date.now());
    // A key that has ended stays ended. A valid one may have been revoked since the last read.
    return this.isFresh || typeof status === "string" ? status : "unavailable";
  }

  onChange(listener: () => void): () => void {
    this.#options.onUse(this);
    return this.#changes.onChange(listener);
  }

  /** The store has just taken this record. Changes can be reported in another order than they were made. */
  changed(record: ApiKeyRecord, now: number): void {
    if (record.revision >= (this.#record?.revision ?? 0)) this.update(record, now);
  }

  /** The record, or undefined for none, as it was at an instant. */
  update(record: ApiKeyRecord | undefined, asOf: number): void {
    const isChanged = contentOf(record) !== contentOf(this.#record);
    this.#record = record;
    this.#asOf = asOf;
    if (isChanged) this.#changes.changed();
  }
}

/** Everything except the last use. The revision is not enough: a host may edit the store by hand. */
function contentOf(record: ApiKeyRecord | undefined): string | undefined {
  return record && JSON.stringify({ ...record, lastUsedAt: null });
}
