/** Who is present in the rooms of all nodes. Members of a room are told who joins and leaves. Several sockets with one id are one member. */
import type { RoomMember } from "../protocol.js";
import type { Cluster } from "../socket/cluster.js";
import type { ServerInternals } from "../socket/internals.js";
import { presentMember, type PresentMember } from "./presence-member.js";
import { PresenceNotices } from "./presence-notices.js";
import { PresenceSync } from "./presence-sync.js";
import { PresenceView, roomKey } from "./presence-view.js";
import { PresenceWelcome } from "./presence-welcome.js";

export interface PresenceOptions {
  readonly server: Pick<ServerInternals, "_nsps">;
  readonly cluster: Pick<Cluster, "on" | "send">;
  /** Milliseconds. The members of a node that was not heard for so long leave. */
  readonly timeout: number;
  /** Whether clients are told nothing now, because some may not be in their rooms any more. */
  readonly isSilent: () => boolean;
}

/** A member of this node. */
interface Local {
  sockets: number;
  present: PresentMember;
}

export class Presence {
  readonly #view: PresenceView;
  readonly #notices: PresenceNotices;
  readonly #welcome: PresenceWelcome;
  readonly #sync: PresenceSync;
  /** By room and id. */
  readonly #local = new Map<string, Map<string, Local>>();

  constructor({ server, cluster, timeout, isSilent }: PresenceOptions) {
    this.#view = new PresenceView((room, id, before) => this.#notices.changed(room, id, before));
    this.#notices = new PresenceNotices(server, this.#view, isSilent);
    this.#welcome = new PresenceWelcome(server, this.#view, this.#notices);
    this.#sync = new PresenceSync({ cluster, view: this.#view, timeout });
  }

  /** One more socket of this node has joined as this member. Its info is shown from now on. Info that is no JSON is left out: see `infoProblem`. */
  joined(namespace: string, room: string, member: RoomMember): void {
    const key = roomKey(namespace, room);
    const members = this.#local.get(key) ?? new Map<string, Local>();
    const known = members.get(member.id);
    const present = presentMember(member, this.#sync.nextInstant());
    this.#local.set(key, members.set(member.id, { sockets: (known?.sockets ?? 0) + 1, present }));
    const shown = this.#view.get(key, member.id);
    if (known?.present.info !== present.info || shown?.info !== present.info || known === undefined) this.#sync.change({ room: key, id: member.id, present });
  }

  /** One of the sockets of this node that have joined as this id has left. */
  left(namespace: string, room: string, id: string): void {
    const key = roomKey(namespace, room);
    const members = this.#local.get(key);
    const known = members?.get(id);
    if (members === undefined || known === undefined) return;
    known.sockets -= 1;
    if (known.sockets > 0) return;
    members.delete(id);
    if (members.size === 0) this.#local.delete(key);
    this.#sync.change({ room: key, id });
  }

  /** The members of all nodes. */
  members(namespace: string, room: string): readonly RoomMember[] {
    const key = roomKey(namespace, room);
    this.#notices.wasRead(key);
    return this.#view.members(key);
  }

  /**
   * The members for the answer to a socket that has joined the room of Socket.IO in this tick. In a large room these are some
   * of them, and the others are sent to the socket. It is told of all later changes.
   */
  membersFor(socket: string, namespace: string, room: string): readonly RoomMember[] {
    return this.#welcome.membersFor(socket, roomKey(namespace, room));
  }

  /** Other nodes let the members of this one leave. */
  stop(): void {
    this.#notices.stop();
    this.#welcome.stop();
    this.#sync.stop();
  }
}
