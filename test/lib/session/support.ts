// Sessions without sockets: a registry, and identities by hand.
import type { Identity } from "../../../lib/authenticate/authenticator.js";
import { Deadlines } from "../../../lib/session/deadlines.js";
import { Registry } from "../../../lib/session/registry.js";
import type { LiveSession } from "../../../lib/session/session.js";

export function identity(parts: Partial<Identity> = {}): Identity {
  return { method: "test", subject: "alice", claims: { sub: "alice" }, notBefore: 0, endsAt: Infinity, ...parts };
}

/** Opens sessions, and keeps those that ended in the order of their ends. */
export function registryWithEnds() {
  const deadlines = new Deadlines();
  const registry = new Registry(deadlines);
  const ends: LiveSession[] = [];
  let waiting: ((session: LiveSession) => void) | undefined;
  const holder = {
    sessionEnded(session: LiveSession) {
      ends.push(session);
      waiting?.(session);
      return false;
    },
  };
  let count = 0;
  return {
    deadlines,
    registry,
    ends,
    open: (parts?: Partial<Identity>) => registry.open(`socket-${(count += 1)}`, identity(parts), undefined, holder),
    /** Settles at the next end. */
    nextEnd: () => new Promise<LiveSession>((resolve) => (waiting = resolve)),
  };
}
