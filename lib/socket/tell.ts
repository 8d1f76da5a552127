/** How a client hears of a denied event: through its ack if it asked for one, else as `guard:denied`. */
import { deniedEvent, type Denial } from "../protocol.js";
import { packetTypes, type Packet, type SocketInternals } from "./internals.js";

/** `suppressed` counts the notices that were held back before this one; undefined sends no notice. An ack is always answered. */
export function tellDenial(socket: SocketInternals, packet: Packet, reason: Denial, suppressed: number | undefined): void {
  if (packet.type === packetTypes.ack || packet.type === packetTypes.binaryAck) return;
  if (packet.id != null) {
    socket.packet({ type: packetTypes.ack, id: packet.id, data: [{ error: reason }] });
  } else if (suppressed !== undefined) {
    socket.packet({ type: packetTypes.event, data: [deniedEvent, suppressed > 0 ? { ...reason, suppressed } : reason] });
  }
}
