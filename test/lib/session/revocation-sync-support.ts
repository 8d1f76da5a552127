// A node that keeps its revocations equal to those of a store in memory: what it knows, and what it was told.
import { RevocationSync } from "../../../lib/session/revocation-sync.js";
import { Revocations, type RevocationStore } from "../../../lib/session/revocation.js";
import { readAll, StoreInMemory } from "../../support/revocations.js";

export const minute = 60_000;
export const realNow = Date.now;

export const down = () => { throw new Error("The store is down."); };

export class Node {
  readonly store = new StoreInMemory();
  readonly known = new Revocations();
  readonly freshness = { staleAt: Infinity };
  readonly errors: Error[] = [];
  /** How often it heard of new records, and how often of records that were published late. */
  heard = 0;
  published = 0;
  /** How often it heard that notices may have expired unread. */
  missed = 0;
  readonly #syncs: RevocationSync[] = [];
  readonly #checks = new Set<() => void>();

  start(maxStaleness = minute, store: RevocationStore = this.store): RevocationSync {
    const sync = new RevocationSync({
      store, revocations: this.known, maxStaleness, freshness: this.freshness,
      onNew: () => { this.heard += 1; this.#check(); },
      onNoticesMissed: () => { this.missed += 1; },
      onSynchronized: () => undefined,
      onRead: () => undefined,
      onPublished: () => { this.published += 1; this.#check(); },
      onError: (error) => { this.errors.push(error as Error); this.#check(); },
    });
    this.#syncs.push(sync);
    return sync;
  }

  get isFresh(): boolean {
    return Date.now() < this.freshness.staleAt;
  }

  /** Settles when the condition holds. Checked every 5 ms, and whenever the node is told something. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!condition()) return;
        clearInterval(timer);
        this.#checks.delete(check);
        resolve();
      };
      const timer = setInterval(check, 5);
      this.#checks.add(check);
      check();
    });
  }

  values(): string[] {
    return [...this.known].map(({ value }) => value);
  }

  /** What another reader finds in the store. */
  async stored(): Promise<string[]> {
    this.store.before = () => undefined;
    return (await readAll(this.store)).records.map(({ value }) => value);
  }

  /** Also restores the clock. */
  stop(): void {
    Date.now = realNow;
    for (const sync of this.#syncs) sync.stop();
  }

  #check(): void {
    for (const check of [...this.#checks]) check();
  }
}
