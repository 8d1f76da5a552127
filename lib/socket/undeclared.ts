/** Handlers for events that the map does not name: no client can ever fire them, which is worth one sentence. */
import type { Policy } from "../policy/compile.js";
import type { SocketInternals } from "./internals.js";

// Fired by Socket.IO and Node themselves, not by clients.
const ownEvents = new Set(["disconnect", "disconnecting", "error", "newListener", "removeListener"]);

export class UndeclaredHandlers {
  readonly #namespace: string;
  readonly #seen = new Set<string>();

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  /** Warns of each name once, after the connection listeners of a socket have put up its handlers. */
  report(socket: SocketInternals, policy: Policy): void {
    for (const event of socket.eventNames()) {
      if (typeof event !== "string" || this.#seen.has(event)) continue;
      this.#seen.add(event);
      if (ownEvents.has(event) || !policy.neverAllows(event)) continue;
      process.emitWarning(
        `There is a handler for "${event}" in namespace ${this.#namespace}, but the events of the guard do not name it: clients are denied it. Add a rule for it.`,
        { type: "GuardWarning", code: "EVENT_UNDECLARED" },
      );
    }
  }
}
