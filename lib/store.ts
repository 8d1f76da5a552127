/** The store of a guard: it keeps what all nodes share, and what must survive a restart. */
import { MemoryApiKeys, type ApiKeyStore } from "./api-keys/record.js";
import type { RevocationStore } from "./session/revocation.js";

/** A part that is missing is kept in the memory of this node only: other nodes do not see it, and a restart forgets it. */
export interface GuardStore {
  /** Where `guarded.revoke()` keeps its records. */
  readonly revocations?: RevocationStore;
  /** Required for API keys only. */
  readonly apiKeys?: ApiKeyStore;
}

/** Keeps everything in the memory of this node, for a single node that may forget revocations and API keys when it restarts. The default. */
export function memoryStore(): GuardStore & { readonly apiKeys: ApiKeyStore } {
  return Object.freeze({ apiKeys: new MemoryApiKeys() });
}
