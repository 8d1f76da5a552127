/** While a node does not know whom to refuse, signed-in clients hear nothing of it, as nothing is accepted from them: they may have been revoked. */
import { denial } from "../protocol.js";
import { alwaysFresh, type Freshness } from "../session/session.js";
import { gateKey, packetTypes, type ClientInternals } from "./internals.js";
import { isGuardSpeaking } from "./tell.js";

/** From its first session on, what is sent to a connection passes here. Where nothing can be stale, it does not. */
export function watchHearing(client: ClientInternals, freshness: Freshness): void {
  if (freshness === alwaysFresh || Object.hasOwn(client, "writeToEngine")) return;
  const write = client.writeToEngine!.bind(client);
  client.writeToEngine = (packets, options) => {
    if (Date.now() < freshness.staleAt || isGuardSpeaking() || isOfGuests(client)) return write(packets, options);
    const first: unknown = Array.isArray(packets) ? packets[0] : undefined;
    if (typeof first !== "string") return;
    if (isRefusal(first)) return write(packets, options);
    const answer = deniedAnswer(first);
    if (answer !== undefined) write([answer], options);
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
