/** The one store that a guard is given: whatever is kept for all nodes, and for the time after a restart, is a part of it. */
import type { RevocationStore } from "./session/revocation.js";

/** A part that a store does not have is kept in this node's memory alone: other nodes never hear of it, and a restart forgets it. */
export interface Store {
  readonly revocations?: RevocationStore;
}

/** Keeps everything in this node's memory: for one node, whose restarts may forget. The default. */
export function memoryStore(): Store {
  return Object.freeze({});
}
