/** Tells the sockets of this node who has joined and left their rooms. Changes are told together: the more there is to send, the longer a room waits. */
import { presenceEvent, type PresenceNotice, type RoomMember } from "../protocol.js";
import type { ServerInternals } from "../socket/internals.js";
import { localRoom, sendToLocalRoom } from "../socket/local-room.js";
import type { PresentMember } from "./presence-member.js";
import { placeOf, type PresenceView } from "./presence-view.js";

/** Milliseconds from a change until it is told, in a room that was quiet. Who leaves and is back within this time was never away. */
export const firstWait = 10;
/** Milliseconds until a room looks again whether it may be told. */
export const silentWait = 100;
/** A room's sockets on a node are told at most this many changes a millisecond: one change told to ten sockets counts as ten. */
const changesPerMs = 2_000;
/** A notice with fewer changes counts as having so many. */
const leastChanges = 200;
/** In one notice. Further changes wait for the next one, so that many changes are not sent in one go. */
const maxChanges = 1_000;
/** A notice is sent to so many sockets at once, and to fewer if it has many changes: that takes some milliseconds. */
const socketsAtOnce = 250;
const changesAtOnce = 50_000;

/** How long a room waits, in milliseconds, after `changes` were told to `sockets`. In a room of 10,000 with 100 changes a second it is one second. */
export function waitAfter(sockets: number, changes: number): number {
  return Math.max(firstWait, (sockets * Math.max(changes, leastChanges)) / changesPerMs);
}

/** Changes of a room that its sockets were not told yet. There is none while a room is quiet. */
interface Untold {
  /** Each id that has changed, and what the sockets know of it. */
  readonly changes: Map<string, PresentMember | undefined>;
  /** Somebody was told of the members since the last notice: then nothing cancels out. */
  wasRead: boolean;
  timer: NodeJS.Timeout;
}

export class PresenceNotices {
  readonly #server: Pick<ServerInternals, "_nsps">;
  readonly #view: Pick<PresenceView, "get">;
  /** Whether nobody is told anything now. */
  readonly isSilent: () => boolean;
  readonly #rooms = new Map<string, Untold>();
  #isStopped = false;

  /** While `isSilent()`, nobody is told anything. Changes wait, and are told afterwards. */
  constructor(server: Pick<ServerInternals, "_nsps">, view: Pick<PresenceView, "get">, isSilent: () => boolean) {
    this.#server = server;
    this.#view = view;
    this.isSilent = isSilent;
  }

  /** `before` is what was shown of this id until now. */
  changed(room: string, id: string, before: PresentMember | undefined): void {
    if (this.#isStopped) return;
    const untold = this.#rooms.get(room);
    if (untold === undefined) this.#rooms.set(room, { changes: new Map([[id, before]]), wasRead: false, timer: this.#tellIn(firstWait, room) });
    else if (!untold.changes.has(id)) untold.changes.set(id, before);
  }

  /** All members of a room were read, so somebody may know of changes that were not told yet. */
  wasRead(room: string): void {
    const untold = this.#rooms.get(room);
    if (untold !== undefined) untold.wasRead = true;
  }

  stop(): void {
    this.#isStopped = true;
    for (const { timer } of this.#rooms.values()) clearTimeout(timer);
    this.#rooms.clear();
  }

  #tellIn(ms: number, room: string): NodeJS.Timeout {
    return setTimeout(() => this.#tell(room), ms).unref();
  }

  #tell(key: string): void {
    const untold = this.#rooms.get(key)!;
    if (untold.changes.size === 0) return void this.#rooms.delete(key);
    const next = (ms: number) => { if (!this.#isStopped) untold.timer = this.#tellIn(ms, key); };
    if (this.isSilent()) return next(silentWait);
    const { joined, left } = this.#takeChanges(key, untold);
    const { namespace: name, room } = placeOf(key);
    const namespace = this.#server._nsps.get(name);
    const sockets = namespace === undefined ? 0 : localRoom(namespace, room).size;
    if (namespace === undefined || sockets === 0) return next(firstWait);
    const changes = joined.length + left.length;
    const notice: PresenceNotice = { room, ...(joined.length > 0 && { joined }), ...(left.length > 0 && { left }) };
    if (changes === 0) return next(firstWait);
    const atOnce = Math.min(socketsAtOnce, Math.ceil(changesAtOnce / changes));
    sendToLocalRoom(namespace, room, { packet: [presenceEvent, notice], atOnce, done: () => next(waitAfter(sockets, changes)) });
  }

  /** Takes those that have waited longest. */
  #takeChanges(key: string, untold: Untold): { readonly joined: RoomMember[]; readonly left: string[] } {
    const { changes, wasRead } = untold;
    const joined: RoomMember[] = [];
    const left: string[] = [];
    for (const [id, before] of changes) {
      if (joined.length + left.length === maxChanges) break;
      changes.delete(id);
      const present = this.#view.get(key, id);
      if (!wasRead && present?.info === before?.info && (present === undefined) === (before === undefined)) continue;
      if (present === undefined) left.push(id);
      else joined.push(present.member);
    }
    if (changes.size === 0) untold.wasRead = false;
    return { joined, left };
  }
}
