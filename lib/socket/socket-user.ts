/** `socket.data`, where handlers find the user. Verdicts never read it. */
import type { LiveSession } from "../session/session.js";
import { copyOf } from "./copy.js";
import type { SocketInternals } from "./internals.js";

/** Gives handlers a copy of the user as it is now; a guest has none. */
export function showUser({ data }: SocketInternals, session: LiveSession): void {
  if (session.guest) delete data.user;
  else data.user = copyOf(session.user);
}

/** Another user takes over the socket: the rooms, and what handlers have kept, belonged to the one before. */
export function resetSocket(socket: SocketInternals): void {
  for (const room of [...socket.rooms]) if (room !== socket.id) socket.leave(room);
  socket.data = {};
}
