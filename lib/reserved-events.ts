/** The names that clients may not send. */
import { guardPrefix } from "./protocol.js";

// Socket.IO and Node's EventEmitter emit these themselves, so a client may not send them even if they are declared.
const reservedEvents = new Set(["connect", "connect_error", "connection", "disconnect", "disconnecting", "error", "newListener", "removeListener"]);

export function isReserved(event: string): boolean {
  return reservedEvents.has(event) || event.startsWith(guardPrefix);
}
