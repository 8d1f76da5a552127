/** Tells whoever follows the keys of a store in this process what was changed through it: others read it a moment later. */
import type { ApiKeyRecord, ApiKeyStore } from "./record.js";

type Listener = (record: ApiKeyRecord) => void;

const listeners = new WeakMap<ApiKeyStore, Set<Listener>>();

export function onChange(store: ApiKeyStore, listener: Listener): void {
  const known = listeners.get(store);
  if (known === undefined) listeners.set(store, new Set([listener]));
  else known.add(listener);
}

/** Once the store has taken it. */
export function announce(store: ApiKeyStore, record: ApiKeyRecord): void {
  for (const listener of listeners.get(store) ?? []) listener(record);
}
