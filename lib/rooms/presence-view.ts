/** Who is present in each room: what this node and each other node has told, put together. An id is present while any node has it. */
import type { RoomMember } from "../protocol.js";
import type { PresentMember } from "./presence-member.js";

/** A room and its namespace, as one key: names of rooms have no space. */
export function roomKey(namespace: string, room: string): string {
  return `${room} ${namespace}`;
}

export function placeOf(key: string): { readonly namespace: string; readonly room: string } {
  const space = key.indexOf(" ");
  return { namespace: key.slice(space + 1), room: key.slice(0, space) };
}

/** A member has joined a room, or has left it if `present` is missing. */
export interface PresenceChange {
  /** See `roomKey`. */
  readonly room: string;
  readonly id: string;
  readonly present?: PresentMember;
}

/** The members that one node has, room by room. Only the view changes it. */
export class NodeMembers {
  readonly id: string;
  readonly rooms = new Map<string, Map<string, PresentMember>>();
  /** The number of members of all rooms. */
  size = 0;

  constructor(id: string) {
    this.id = id;
  }

  get(room: string, id: string): PresentMember | undefined {
    return this.rooms.get(room)?.get(id);
  }

  /** As changes that lead from nothing to what the node has. */
  list(): Required<PresenceChange>[] {
    return [...this.rooms].flatMap(([room, members]) => Array.from(members, ([id, present]) => ({ room, id, present })));
  }
}

interface Holder {
  readonly node: NodeMembers;
  readonly present: PresentMember;
}

/** Called when an id appears in a room, disappears, or gets another info. `before` is what was shown. */
export type PresenceChanged = (room: string, id: string, before: PresentMember | undefined) => void;

const none: readonly Holder[] = [];

export class PresenceView {
  readonly #onChange: PresenceChanged;
  /** The nodes that have each id; the first one's info is shown. */
  readonly #rooms = new Map<string, Map<string, readonly Holder[]>>();

  constructor(onChange: PresenceChanged) {
    this.#onChange = onChange;
  }

  get(room: string, id: string): PresentMember | undefined {
    return this.#rooms.get(room)?.get(id)?.[0]?.present;
  }

  members(room: string): readonly RoomMember[] {
    const members = this.#rooms.get(room);
    return members === undefined ? [] : Array.from(members.values(), ([shown]) => shown!.present.member);
  }

  /** The members one after the other. It sees changes that are made meanwhile. */
  *walk(room: string): Generator<RoomMember, undefined> {
    for (const [shown] of this.#rooms.get(room)?.values() ?? []) yield shown!.present.member;
  }

  apply(node: NodeMembers, { room, id, present }: PresenceChange): void {
    const known = node.get(room, id);
    if (known === present) return;
    if (present !== undefined) add(node.rooms, room, id, present);
    else remove(node.rooms, room, id);
    node.size += Number(present !== undefined) - Number(known !== undefined);
    this.#setHolder(node, room, id, present);
  }

  /** The node has these members and no others. */
  replace(node: NodeMembers, all: readonly Required<PresenceChange>[]): void {
    const news = new Map<string, Map<string, PresentMember>>();
    for (const { room, id, present } of all) add(news, room, id, present);
    for (const { room, id } of node.list()) if (news.get(room)?.has(id) !== true) this.apply(node, { room, id });
    for (const change of all) this.apply(node, change);
  }

  #setHolder(node: NodeMembers, room: string, id: string, present: PresentMember | undefined): void {
    const before = this.#rooms.get(room)?.get(id) ?? none;
    const holders = before.filter((holder) => holder.node !== node);
    if (present !== undefined) holders.push({ node, present });
    if (holders.length > 1) holders.sort(latestFirst);
    if (holders.length > 0) add(this.#rooms, room, id, holders);
    else remove(this.#rooms, room, id);
    const [was, is] = [before[0]?.present, holders[0]?.present];
    if (was === undefined || is === undefined || was.info !== is.info) this.#onChange(room, id, was);
  }
}

/** All nodes choose the same. */
function latestFirst(one: Holder, other: Holder): number {
  return other.present.at - one.present.at || (one.node.id < other.node.id ? -1 : 1);
}

function add<Value>(rooms: Map<string, Map<string, Value>>, room: string, id: string, value: Value): void {
  const members = rooms.get(room);
  if (members === undefined) rooms.set(room, new Map([[id, value]]));
  else members.set(id, value);
}

function remove(rooms: Map<string, Map<string, unknown>>, room: string, id: string): void {
  const members = rooms.get(room);
  members?.delete(id);
  if (members?.size === 0) rooms.delete(room);
}
