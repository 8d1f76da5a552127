/** While a node does not know whom to refuse, signed-in clients hear nothing of it, as nothing is accepted from them: they may have been revoked. */
import { denial } from "../protocol.js";
import { alwaysFresh, type Freshness } from "../session/session.js";
import { gateKey, packetTypes, type ClientInternals } from "./internals.js";
import { isGuardSpeaking } from "./tell.js";

type Write = NonNullable<ClientInternals["writeToEngine"]>;

/** What writes to a connection from its first session on; undefined where nothing can be stale. One function for all connections. */
export function hearing(freshness: Freshness): Write | undefined {
  if (freshness === alwaysFresh) return undefined;
  return function (this: ClientInternals, packets, options) {
    const write = (Object.getPrototypeOf(this) as { writeToEngine: Write }).writeToEngine;
    if (Date.now() < freshness.staleAt || isGuardSpeaking() || isOfGuests(this)) return write.call(this, packets, options);
    const first: unknown = Array.isArray(packets) ? packets[0] : undefined;
    if (typeof first !== "string") return;
    if (isRefusal(first)) return write.call(this, packets, options);
    const answer = deniedAnswer(first);
    if (answer !== undefined) write.call(this, [answer], options);
  };
}

/** The answer to a CONNECT that was refused: Socket.IO writes it a tick later. */
function isRefusal(packet: string): boolean {
  return packet.startsWith(String(packetTypes.connectError));
}

const ack = new RegExp(`^(?:${packetTypes.ack}|${packetTypes.binaryAck}\\d*-)(/[^,]*,)?(\\d+)\\[`);

/** Who waits for an answer gets one: not the handler's own, but what the event would be answered now. */
function deniedAnswer(packet: string): string | undefined {
  const [, namespace = "", id] = ack.exec(packet) ?? [];
  return id === undefined ? undefined : `${packetTypes.ack}${namespace}${id}${JSON.stringify([{ error: denial("unavailable") }])}`;
}

function isOfGuests(client: ClientInternals): boolean {
  return [...client.sockets.values()].every((socket) => socket[gateKey]?.session?.guest === true);
}
