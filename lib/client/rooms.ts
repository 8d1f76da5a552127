/** The rooms of a guard client. `client.join()` loads this file and what it imports, so that pages without rooms do not. */
import type { GuardServerEvents } from "../protocol.js";
import type { Parts } from "./connection.js";
import type { GuardRoom } from "./guard-room.js";
import type { JoinOptions } from "./join-options.js";
import { Membership } from "./room-membership.js";

type Memberships = Map<string, Membership>;

const clients = new WeakMap<Parts, Memberships>();

export async function join(parts: Parts, room: string, options: JoinOptions = {}): Promise<GuardRoom> {
  if (parts.closed.aborted) throw closedError();
  const { status, denial } = parts.listeners.state;
  if (status === "disconnected" && denial !== null) throw new parts.DenialError(denial);
  let memberships = clients.get(parts);
  if (memberships === undefined) clients.set(parts, (memberships = follow(parts)));
  const shared = memberships.get(room);
  if (shared !== undefined) return shared.open(options);
  const membership = new Membership(parts, room, () => memberships.delete(room));
  memberships.set(room, membership);
  const opened = membership.open(options);
  if (status === "connected") membership.follow();
  return opened;
}

/** Passes what the server sends, and what becomes of the session, on to the memberships. */
function follow(parts: Parts): Memberships {
  const memberships: Memberships = new Map();
  const { socket, listeners, closed } = parts;
  // What a server sends may be anything: an error here would end a process of Node.
  const of = (notice: { readonly room: string } | null | undefined): Membership | undefined => memberships.get(notice?.room as string);
  const handlers = {
    "guard:room": (event) => of(event)?.onEvent(event),
    "guard:published": (published) => of(published)?.onPublished(published),
    "guard:presence": (presence) => of(presence)?.onPresence(presence),
    "guard:left": (left) => of(left)?.onLeft(left),
  } satisfies Partial<GuardServerEvents>;
  for (const [event, handler] of Object.entries(handlers)) socket.on(event, handler);
  // One that a listener of the page ends meanwhile is not in the map any more, and must not join again.
  listeners.on("state", () => { for (const membership of memberships.values()) membership.follow(); });
  closed.addEventListener("abort", () => {
    for (const [event, handler] of Object.entries(handlers)) socket.off(event, handler);
    for (const membership of [...memberships.values()]) membership.end(null, closedError());
  });
  return memberships;
}

function closedError(): Error {
  return new Error("The guard client was closed.");
}
