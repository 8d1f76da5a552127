/** `onStale: "silence"`: while revocations may be missing, signed-in clients are not sent the events that the host emits. */
import { guardPrefix, publishedEvent, roomEvent } from "../protocol.js";
import type { Freshness } from "../session/session.js";
import { gateOf } from "./gate.js";
import { nameOf, packetTypes, type ClientInternals, type OutgoingPacket, type ServerInternals } from "./internals.js";

type Write = NonNullable<ClientInternals["writeToEngine"]>;

/**
 * All packets are encoded in one place, with any parser, and written by `writeToEngine` of each
 * connection: a broadcast is encoded once and written many times. So an event is marked as it is encoded, and left out as it
 * is written. CONNECT, DISCONNECT, acks and what the guard says about itself are never marked.
 */
export class StaleFilter {
  /** What events of the host were encoded to, and their namespace. */
  readonly #namespaces = new WeakMap<object, string>();
  /** One function for all connections. */
  readonly #write: Write;

  constructor({ encoder }: ServerInternals, freshness: Freshness) {
    const namespaces = this.#namespaces;
    const encode = encoder.encode.bind(encoder);
    encoder.encode = (packet) => {
      const encoded = encode(packet);
      if (Date.now() >= freshness.staleAt && isEventOfHost(packet)) namespaces.set(encoded, packet.nsp);
      return encoded;
    };
    this.#write = function (this: ClientInternals, encoded, options) {
      const namespace = typeof encoded === "object" && encoded !== null ? namespaces.get(encoded) : undefined;
      if (namespace !== undefined && !isGuest(this, namespace)) return;
      (Object.getPrototypeOf(this) as { writeToEngine: Write }).writeToEngine.call(this, encoded, options);
    };
  }

  /** Filters what is written to a connection. */
  apply(client: ClientInternals): void {
    if (!Object.hasOwn(client, "writeToEngine")) client.writeToEngine = this.#write;
  }
}

/** The guard's own events that carry what the host or another user has sent. */
const contentEvents: ReadonlySet<string> = new Set([roomEvent, publishedEvent]);

function isEventOfHost(packet: OutgoingPacket): boolean {
  const isEvent = packet.type === packetTypes.event || packet.type === packetTypes.binaryEvent;
  const name = isEvent ? nameOf(packet) : undefined;
  return isEvent && (name?.startsWith(guardPrefix) !== true || contentEvents.has(name));
}

function isGuest(client: ClientInternals, namespace: string): boolean {
  for (const socket of client.sockets.values()) if (socket.nsp.name === namespace) return gateOf(socket)?.session?.guest === true;
  return false;
}
