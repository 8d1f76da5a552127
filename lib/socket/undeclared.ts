/** Handlers for events that the map does not name: no client can ever fire them, which is worth one sentence. */
import type { Policy } from "../policy/compile.js";
import type { SocketInternals } from "./internals.js";

// Fired by Socket.IO and Node themselves, not by clients.
const ownEvents = new Set(["disconnect", "disconnecting", "error", "newListener", "removeListener"]);

// By policy: a thousand rooms of one dynamic namespace are worth one sentence, too.
const seen = new WeakMap<Policy, Set<string>>();

/** Warns of each name once, after the connection listeners of a socket have put up its handlers. */
export function reportUndeclared(socket: SocketInternals, policy: Policy): void {
  let names = seen.get(policy);
  if (names === undefined) seen.set(policy, (names = new Set(ownEvents)));
  for (const event of socket.eventNames()) {
    if (typeof event !== "string" || names.has(event)) continue;
    names.add(event);
    if (!policy.neverAllows(event)) continue;
    process.emitWarning(
      `There is a handler for "${event}" in namespace ${socket.nsp.name}, but the events of the guard do not name it: clients are denied it. Add a rule for it.`,
      { type: "GuardWarning", code: "EVENT_UNDECLARED" },
    );
  }
}
