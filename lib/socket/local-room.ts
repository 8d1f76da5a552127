/** The sockets of this node that are in a room, and the guard's own messages to all of them, some sockets at a time. */
import { packetTypes, type NamespaceInternals } from "./internals.js";

const nobody: ReadonlySet<string> = new Set();

/** The ids of the sockets. */
export function localRoom({ adapter }: NamespaceInternals, room: string): ReadonlySet<string> {
  return adapter.rooms.get(room) ?? nobody;
}

/**
 * Sends a packet to the sockets that are in the room when their turn comes, some at once. Other work gets its turn in between.
 * `done` is called once, afterwards.
 */
export function sendToLocalRoom(namespace: NamespaceInternals, room: string, { packet, atOnce, done }: { packet: readonly unknown[]; atOnce: number; done: () => void }): void {
  // Of a set that changes while it is walked through, what is deleted is not visited any more.
  const sockets = localRoom(namespace, room).values();
  const sendToSome = (): void => {
    const some = take(sockets, atOnce);
    sendToSockets(namespace, some, packet);
    if (some.size === atOnce) setImmediate(sendToSome);
    else done();
  };
  sendToSome();
}

/**
 * Each socket is in the room of its own id. The adapter encodes the packet once for all. Unless `volatile` is set, it would also
 * keep the packet for sockets that are recovered later; with false, it does not keep it, and does not drop it either.
 */
export function sendToSockets({ adapter }: NamespaceInternals, sockets: ReadonlySet<string>, data: readonly unknown[]): void {
  // To no rooms means to all sockets.
  if (sockets.size > 0) adapter.broadcast({ type: packetTypes.event, data: [...data] }, { rooms: new Set(sockets), except: nobody, flags: { local: true, volatile: false } });
}

function take<Item>(items: Iterator<Item, undefined>, count: number): Set<Item> {
  const taken = new Set<Item>();
  while (taken.size < count) {
    const next = items.next();
    if (next.done === true) break;
    taken.add(next.value);
  }
  return taken;
}
