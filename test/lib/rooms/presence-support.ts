// Nodes in one process, with a network between them that a test can break, and with sockets that only record what they were
// sent.
import { Presence } from "../../../lib/rooms/presence.js";
import type { PresenceNotice, RoomMember } from "../../../lib/protocol.js";
import type { NamespaceInternals, ServerInternals } from "../../../lib/socket/internals.js";

export const timeout = 5_000;

export interface NetworkOptions {
  readonly random?: () => number;
  /** The share of messages that are lost, and of those that come twice. */
  readonly lost?: number;
  readonly doubled?: number;
  /** Milliseconds. Each copy of a message takes a random time up to this. */
  readonly delay?: number;
}

type Listener = (...args: never[]) => void;

export class Network {
  options: NetworkOptions = {};
  readonly nodes: FakeNode[] = [];
  /** Every message that a node has sent, as JSON. */
  readonly sent: string[] = [];

  node(limit = timeout): FakeNode {
    const node = new FakeNode(this, limit);
    this.nodes.push(node);
    return node;
  }

  send(from: FakeNode, event: string, message: unknown): void {
    const text = JSON.stringify(message);
    this.sent.push(text);
    if (from.isCutOff) return;
    for (const node of this.nodes) if (node !== from) this.#deliver(node, event, text);
  }

  #deliver(node: FakeNode, event: string, text: string): void {
    const { random = Math.random, lost = 0, doubled = 0, delay = 0 } = this.options;
    if (random() < lost) return;
    for (let copies = random() < doubled ? 2 : 1; copies > 0; copies -= 1) {
      if (delay === 0) node.receive(event, JSON.parse(text));
      else setTimeout(() => node.receive(event, JSON.parse(text)), random() * delay);
    }
  }
}

export class FakeNode {
  readonly presence: Presence;
  /** What each socket was sent, by its id. */
  readonly told = new Map<string, PresenceNotice[]>();
  /** How often something was sent to sockets. */
  broadcasts = 0;
  /** Sends nothing and receives nothing. */
  isCutOff = false;
  /** As a process that was killed: it does nothing any more. */
  isDead = false;
  /** Tells its sockets nothing. */
  isSilent = false;
  readonly #listeners = new Map<string, Listener>();
  readonly #rooms = new Map<string, Set<string>>();

  constructor(network: Network, limit: number) {
    const namespace = { name: "/", adapter: { rooms: this.#rooms, broadcast: (...given: Parameters<NamespaceInternals["adapter"]["broadcast"]>) => this.#record(...given) } };
    const server = { _nsps: new Map([["/", namespace as unknown as NamespaceInternals]]) } satisfies Pick<ServerInternals, "_nsps">;
    const cluster = {
      on: (event: string, listener: Listener) => void this.#listeners.set(event, listener),
      send: (event: string, ...[message]: unknown[]) => { if (!this.isDead) network.send(this, event, message); },
    };
    this.presence = new Presence({ server, cluster, timeout: limit, isSilent: () => this.isSilent });
  }

  receive(event: string, message: unknown): void {
    if (!this.isCutOff && !this.isDead) this.#listeners.get(event)?.(message as never);
  }

  /** A socket joins the room, and is answered with members. */
  join(room: string, socket: string, member: RoomMember): readonly RoomMember[] {
    this.enter(room, socket);
    this.presence.joined("/", room, member);
    return this.presence.membersFor(socket, "/", room);
  }

  /** A socket is in the room and hears of members, but is not one. */
  enter(room: string, socket: string): void {
    const sockets = this.#rooms.get(room) ?? new Set();
    this.#rooms.set(room, sockets.add(socket));
  }

  leave(room: string, socket: string, id: string): void {
    this.#rooms.get(room)?.delete(socket);
    if (this.#rooms.get(room)?.size === 0) this.#rooms.delete(room);
    this.presence.left("/", room, id);
  }

  /** The ids of the members, sorted. */
  ids(room: string): string[] {
    return this.presence.members("/", room).map(({ id }) => id).sort();
  }

  /** What a socket was told since this was last called. */
  news(socket: string): PresenceNotice[] {
    const news = this.told.get(socket) ?? [];
    this.told.delete(socket);
    return news;
  }

  #record(packet: { readonly data?: unknown }, { rooms }: { readonly rooms: ReadonlySet<string> }): void {
    this.broadcasts += 1;
    const [, notice] = packet.data as [string, PresenceNotice];
    for (const socket of rooms) {
      const notices = this.told.get(socket);
      if (notices === undefined) this.told.set(socket, [notice]);
      else notices.push(notice);
    }
  }
}

/** What a client knows after an ack with members and some notices. */
export function clientView(members: readonly RoomMember[], notices: readonly PresenceNotice[]): Map<string, unknown> {
  const known = new Map(members.map(({ id, info }) => [id, info]));
  for (const { joined = [], left = [] } of notices) {
    for (const { id, info } of joined) known.set(id, info);
    for (const id of left) known.delete(id);
  }
  return known;
}

/** What a node shows of a room. */
export function nodeView(node: FakeNode, room: string): Map<string, unknown> {
  return new Map(node.presence.members("/", room).map(({ id, info }) => [id, info]));
}
