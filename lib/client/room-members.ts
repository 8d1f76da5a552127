/** Who is present in a room, as the server's notices say. */
import type { PresenceNotice, RoomMember } from "../protocol.js";

export class RoomMembers {
  readonly #members = new Map<string, RoomMember>();
  #list: readonly RoomMember[] | undefined;

  /** The same list until something changes. */
  get list(): readonly RoomMember[] {
    return (this.#list ??= Object.freeze([...this.#members.values()]));
  }

  /** Returns whether anything has changed: notices may repeat what is known. */
  update(notice: Omit<PresenceNotice, "room">): boolean {
    let [joined, left] = [membersIn(notice.joined), listOf(notice.left)];
    let isChanged = false;
    if (notice.members !== undefined) {
      const members = membersIn(notice.members);
      const present = new Set(members.map(({ id }) => id));
      left = [...[...this.#members.keys()].filter((id) => !present.has(id)), ...left];
      joined = [...members, ...joined];
    }
    for (const member of joined) {
      const known = this.#members.get(member.id);
      if (known !== undefined && JSON.stringify(known.info) === JSON.stringify(member.info)) continue;
      this.#members.set(member.id, member);
      isChanged = true;
    }
    for (const id of left) isChanged = this.#members.delete(id) || isChanged;
    if (isChanged) this.#list = undefined;
    return isChanged;
  }
}

/** A server may send anything. */
function listOf<Item>(given: readonly Item[] | undefined): readonly Item[] {
  return Array.isArray(given) ? given as readonly Item[] : [];
}

function membersIn(given: readonly RoomMember[] | undefined): readonly RoomMember[] {
  return listOf<Partial<RoomMember> | null>(given).filter((member): member is RoomMember => typeof member?.id === "string");
}
