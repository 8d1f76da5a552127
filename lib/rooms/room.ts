/** A room as the host sees it: `guarded.room(name)`. */
import type { ByActor } from "../audit-events.js";
import { roomEvent, type RoomEvent, type RoomMember } from "../protocol.js";
import type { ServerInternals } from "../socket/internals.js";
import type { Presence } from "./presence.js";

/** A room of one namespace, on all nodes. */
export interface GuardRoom {
  /** Sends an event to all members. Clients receive `guard:room` with the names of the room and the event, so that they know which room it is for. */
  emit(event: string, data?: unknown): void;
  /**
   * Removes all sockets of a user from the room, and tells their clients `evicted`. If the room's rule still allows the user, they may join again.
   * The sockets of this node have left when it returns; those of other nodes leave within `maxStaleness`. Resolves when the store has the record.
   * @throws GuardError (the promise rejects) `store_unavailable` if the store cannot be written
   */
  evict(subject: string, by?: ByActor): Promise<void>;
  /** Who is present on all nodes, if the room has presence: each user once. */
  members(): readonly RoomMember[];
}

export interface RoomParts {
  readonly server: ServerInternals;
  readonly presence: Presence;
  readonly evict: GuardRoom["evict"];
}

export function roomOf({ server, presence, evict }: RoomParts, namespace: string, room: string): GuardRoom {
  return {
    emit: (event, data) => void server._nsps.get(namespace)?.to(room).emit(roomEvent, { room, event, data } satisfies RoomEvent),
    evict,
    members: () => presence.members(namespace, room),
  };
}
