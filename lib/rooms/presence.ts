/** Who is present in each room of this node: each user once. */
import type { RoomMember } from "../protocol.js";
export class Presence {
  readonly #rooms = new Map<string, Map<string, { count: number; member: RoomMember }>>();
  constructor(_options: object) {}
  joined(namespace: string, room: string, member: RoomMember): void {
    const key = `${namespace} ${room}`;
    const members = this.#rooms.get(key) ?? new Map<string, { count: number; member: RoomMember }>();
    this.#rooms.set(key, members);
    members.set(member.id, { count: (members.get(member.id)?.count ?? 0) + 1, member });
  }
  left(namespace: string, room: string, id: string): void {
    const members = this.#rooms.get(`${namespace} ${room}`);
    const entry = members?.get(id);
    if (entry !== undefined && --entry.count === 0) members!.delete(id);
  }
  members(namespace: string, room: string): readonly RoomMember[] {
    return [...(this.#rooms.get(`${namespace} ${room}`)?.values() ?? [])].map(({ member }) => member);
  }
  stop(): void {}
}
