// Sessions without sockets: a registry, and identities by hand.
import type { GuardIdentity } from "../../../lib/authenticate/authenticator.js";
import type { CachedUser } from "../../../lib/session/user-cache.js";
import { Registry } from "../../../lib/session/registry.js";
import type { LiveSession } from "../../../lib/session/session.js";

export function identity(parts: Partial<GuardIdentity> = {}): GuardIdentity {
  return { method: "test", subject: "alice", claims: { sub: "alice" }, notBefore: 0, endsAt: Infinity, ...parts };
}

export function newRegistry(): Registry {
  return new Registry({ freshness: { staleAt: Infinity }, newSigning: undefined });
}

/** Opens sessions as of connected sockets, and keeps those that ended, in order. */
export function registryWithEnds() {
  const registry = newRegistry();
  const ends: LiveSession[] = [];
  let waiting: ((session: LiveSession) => void) | undefined;
  let count = 0;

  function open(parts?: Partial<GuardIdentity>, cachedUser?: CachedUser): LiveSession {
    const session = registry.open(`socket-${(count += 1)}`, "/", identity(parts), cachedUser);
    session.connection = {
      end: () => {
        ends.push(session);
        waiting?.(session);
      },
    };
    return session;
  }

  return {
    registry,
    ends,
    open,
    /** Settles at the next end. */
    nextEnd: () => new Promise<LiveSession>((resolve) => (waiting = resolve)),
  };
}
