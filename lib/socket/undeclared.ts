/** Warns of handlers whose event is not declared: clients can never reach them. */
import type { Policy } from "../policy/compile.js";
import type { SocketInternals } from "./internals.js";

// Emitted by Socket.IO and Node, not by clients.
const serverEvents = new Set(["disconnect", "disconnecting", "error", "newListener", "removeListener"]);

// Listing the handlers of a socket takes time, and those of most sockets are the same: after so many, one in so many is checked.
const sample = 100;

interface Seen {
  readonly names: Set<string>;
  sockets: number;
}

// By policy: the thousand rooms of one dynamic namespace share one, and need one warning.
const seen = new WeakMap<Policy, Seen>();

/** Warns once of each name. Called after the connection listeners, which add the handlers. In report mode, their events still reach them. */
export function warnOfUndeclared(socket: SocketInternals, policy: Policy, isReporting: boolean): void {
  let known = seen.get(policy);
  if (known === undefined) seen.set(policy, (known = { names: new Set(serverEvents), sockets: 0 }));
  known.sockets += 1;
  if (known.sockets > sample && known.sockets % sample !== 0) return;
  const { names } = known;
  // Clients choose the names of dynamic namespaces, and a control character could change what a log shows.
  const namespace = socket.nsp.name.slice(0, 128).replace(/\p{C}/gu, "?");
  for (const event of socket.eventNames()) {
    if (typeof event !== "string" || names.has(event)) continue;
    names.add(event);
    if (!policy.neverAllows(event)) continue;
    process.emitWarning(
      `The handler of "${event}" in namespace ${namespace} ${isReporting ? "would never run" : "never runs"}, because the event is not declared. Add a rule for it to \`events\`.`,
      { type: "GuardWarning", code: "EVENT_UNDECLARED" },
    );
  }
}
