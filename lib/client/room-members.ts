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
  update({ members, joined = [], left = [] }: Omit<PresenceNotice, "room">): boolean {
    let isChanged = false;
    if (members !== undefined) {
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
