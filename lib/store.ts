/** The one store that a guard is given: whatever is kept for all nodes, and for the time after a restart, is a part of it. */
import { MemoryApiKeys } from "./api-keys/memory.js";
import type { ApiKeyStore } from "./api-keys/record.js";
import type { RevocationStore } from "./session/revocation.js";

/** A part that a store does not have is kept in this node's memory alone: other nodes never hear of it, and a restart forgets it. */
export interface GuardStore {
  readonly revocations?: RevocationStore;
  /** Needed by `apiKeys(store)` and `apiKey({ store })` alone. */
  readonly apiKeys?: ApiKeyStore;
}

/** Keeps everything in this node's memory: for one node, whose restarts may forget. The default. */
export function memoryStore(): GuardStore & { readonly apiKeys: ApiKeyStore } {
  return Object.freeze({ apiKeys: new MemoryApiKeys() });
}
