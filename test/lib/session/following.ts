// A node that follows a store of revocations in memory: what it knows, and what it told.
import { RevocationSync } from "../../../lib/session/revocation-sync.js";
import type { RevocationStore } from "../../../lib/session/revocation.js";
import { Revocations } from "../../../lib/session/revocations.js";
import { readAll, StoreInMemory } from "../../support/revocations.js";

export const long = 60_000;
export const realNow = Date.now;

export const isFresh = (follower: RevocationSync) => Date.now() < follower.staleAt;
export const down = () => { throw new Error("The store is down."); };

export class Node {
  readonly store = new StoreInMemory();
  readonly known = new Revocations();
  readonly errors: Error[] = [];
  heard = 0;
  published = 0;
  readonly #followers: RevocationSync[] = [];
  readonly #listeners: (() => void)[] = [];

  follow(maxStaleness = long, followed: RevocationStore = this.store): RevocationSync {
    const follower = new RevocationSync({
      store: followed, revocations: this.known, maxStaleness,
      heard: () => { this.heard += 1; this.#tell(); },
      published: () => { this.published += 1; this.#tell(); },
      failed: (error) => { this.errors.push(error as Error); this.#tell(); },
    });
    this.#followers.push(follower);
    return follower;
  }

  /** Looked at after whatever the follower or the store does. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!holds()) return;
        clearInterval(often);
        resolve();
      };
      const often = setInterval(look, 5);
      this.#listeners.push(look);
      look();
    });
  }

  values(): string[] {
    return [...this.known].map(({ value }) => value);
  }

  /** What an outsider finds in the store. */
  async stored(): Promise<string[]> {
    this.store.before = () => undefined;
    return (await readAll(this.store)).records.map(({ value }) => value);
  }

  /** Also sets the clock right. */
  stop(): void {
    Date.now = realNow;
    for (const follower of this.#followers) follower.stop();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
