/**
 * Tells a socket that joins a room who is there. The answer has some hundred members. The other members of a large room follow
 * in pieces, to all newcomers together: their list would stall the event loop if each answer had it.
 */
import { presenceEvent, type PresenceNotice, type RoomMember } from "../protocol.js";
import type { ServerInternals } from "../socket/internals.js";
import { localRoom, sendToSockets } from "../socket/local-room.js";
import { firstWait, silentWait, waitAfter, type PresenceNotices } from "./presence-notices.js";
import { placeOf, type PresenceView } from "./presence-view.js";

/** The most members in an answer, and in each piece after it. */
export const membersAtOnce = 500;
/** The others wait for the next time. */
const newcomersAtOnce = 100;

/** Who waits for the members of a room. There is none while nobody does. */
interface Newcomers {
  readonly sockets: Set<string>;
  timer: NodeJS.Timeout;
}

export class PresenceWelcome {
  readonly #server: Pick<ServerInternals, "_nsps">;
  readonly #view: Pick<PresenceView, "walk">;
  readonly #notices: Pick<PresenceNotices, "wasRead" | "isSilent">;
  readonly #rooms = new Map<string, Newcomers>();
  #isStopped = false;

  constructor(server: Pick<ServerInternals, "_nsps">, view: Pick<PresenceView, "walk">, notices: Pick<PresenceNotices, "wasRead" | "isSilent">) {
    this.#server = server;
    this.#view = view;
    this.#notices = notices;
  }

  /** The members for the answer to a socket. If there are more, they are sent to it. */
  membersFor(socket: string, room: string): readonly RoomMember[] {
    const walk = this.#view.walk(room);
    const members = this.#take(room, walk);
    if (members.length === membersAtOnce && walk.next().done !== true && !this.#isStopped) this.#expect(socket, room);
    return members;
  }

  stop(): void {
    this.#isStopped = true;
    for (const { timer } of this.#rooms.values()) clearTimeout(timer);
    this.#rooms.clear();
  }

  #expect(socket: string, room: string): void {
    const newcomers = this.#rooms.get(room);
    if (newcomers === undefined) this.#rooms.set(room, { sockets: new Set([socket]), timer: this.#welcomeIn(firstWait, room) });
    else newcomers.sockets.add(socket);
  }

  #welcomeIn(ms: number, room: string): NodeJS.Timeout {
    return setTimeout(() => this.#welcome(room), ms).unref();
  }

  /** Sends all members to some newcomers, and to the next ones after a wait. */
  #welcome(key: string): void {
    const newcomers = this.#rooms.get(key)!;
    const { namespace: name, room } = placeOf(key);
    const namespace = this.#server._nsps.get(name);
    const sockets = take(newcomers.sockets, newcomersAtOnce);
    if (sockets.size === 0 || namespace === undefined) return void this.#rooms.delete(key);
    const walk = this.#view.walk(key);
    let told = 0;
    const sendPiece = (): void => {
      if (this.#isStopped) return;
      if (this.#notices.isSilent()) return void (newcomers.timer = setTimeout(sendPiece, silentWait).unref());
      const joined = this.#take(key, walk);
      const present = localRoom(namespace, room);
      for (const socket of sockets) if (!present.has(socket)) sockets.delete(socket);
      if (joined.length > 0) sendToSockets(namespace, sockets, [presenceEvent, { room, joined } satisfies PresenceNotice]);
      told += joined.length;
      if (joined.length === membersAtOnce && sockets.size > 0) setImmediate(sendPiece);
      else newcomers.timer = this.#welcomeIn(waitAfter(sockets.size, told), key);
    };
    sendPiece();
  }

  /** The next members. Who has read them must be told of all later changes. */
  #take(room: string, walk: Iterator<RoomMember, undefined>): RoomMember[] {
    this.#notices.wasRead(room);
    const members: RoomMember[] = [];
    for (let next = walk.next(); next.done !== true; next = walk.next()) {
      members.push(next.value);
      if (members.length === membersAtOnce) break;
    }
    return members;
  }
}

/** Takes the first so many out of a set. */
function take(set: Set<string>, count: number): Set<string> {
  const taken = new Set<string>();
  for (const one of set) {
    if (taken.size === count) break;
    taken.add(one);
    set.delete(one);
  }
  return taken;
}
