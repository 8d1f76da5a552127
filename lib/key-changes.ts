/** Tells the guards of this process what is done to the API keys of a store, and to the keys of a ring. Neither knows its guards. */
import type { KeyDetails } from "./audit-events.js";
import { callListener } from "./callbacks.js";

export interface KeyChange {
  readonly type: "keyCreated" | "keyRotated" | "keyRevoked";
  readonly key: KeyDetails;
}

type Listener = (change: KeyChange) => void;

const listeners = new WeakMap<object, Set<Listener>>();

/** `owner`: the store of the API keys, or the ring. */
export function keyChanged(owner: object, type: KeyChange["type"], key: KeyDetails): void {
  for (const listener of [...listeners.get(owner) ?? []]) callListener(() => listener({ type, key }));
}

/** What one guard hears. */
export class KeyWatch {
  readonly #listener: Listener;
  readonly #watched = new Set<object>();

  constructor(listener: Listener) {
    this.#listener = (change) => listener(change);
  }

  /** Hears of each change once, also if several authenticators have the same owner. */
  watch(owner: object): void {
    const all = listeners.get(owner) ?? new Set();
    listeners.set(owner, all.add(this.#listener));
    this.#watched.add(owner);
  }

  stop(): void {
    for (const owner of this.#watched) listeners.get(owner)?.delete(this.#listener);
  }
}
