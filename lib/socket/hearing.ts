/** While a node does not know whom to refuse, signed-in clients hear nothing of it, as nothing is accepted from them: they may have been revoked. */
import { alwaysFresh, type Freshness } from "../session/session.js";
import { gateKey, packetTypes, type ClientInternals } from "./internals.js";
import { isGuardSpeaking } from "./tell.js";

/** From its first session on, what is sent to a connection passes here. Where nothing can be stale, it does not. */
export function watchHearing(client: ClientInternals, freshness: Freshness): void {
  if (freshness === alwaysFresh || Object.hasOwn(client, "writeToEngine")) return;
  const write = client.writeToEngine!.bind(client);
  client.writeToEngine = (packets, options) => {
    if (Date.now() < freshness.staleAt || isGuardSpeaking() || isRefusal(packets) || isOfGuests(client)) write(packets, options);
  };
}

/** The answer to a CONNECT that was refused: Socket.IO writes it a tick later. */
function isRefusal(packets: unknown): boolean {
  const first: unknown = Array.isArray(packets) ? packets[0] : undefined;
  return typeof first === "string" && first.startsWith(String(packetTypes.connectError));
}

function isOfGuests(client: ClientInternals): boolean {
  return [...client.sockets.values()].every((socket) => socket[gateKey]?.session?.guest === true);
}
