/** What a client hears of the guard: of its own session, and of a denied event through its ack if it asked for one, else as `guard:denied`. */
import { byeEvent, deniedEvent, sessionEvent, type Denial, type SessionNotice } from "../protocol.js";
import type { LiveSession } from "../session/session.js";
import { corked } from "./cork.js";
import { packetTypes, type EngineConnection, type Packet, type ServerInternals, type SocketInternals } from "./internals.js";

/** `suppressed` counts the notices that were held back before this one; undefined sends no notice. An ack is always answered. */
export function tellDenial(socket: SocketInternals, packet: Packet, reason: Denial, suppressed: number | undefined): void {
  if (packet.type === packetTypes.ack || packet.type === packetTypes.binaryAck) return;
  if (packet.id != null) {
    socket.packet({ type: packetTypes.ack, id: packet.id, data: [{ error: reason }] });
  } else if (suppressed !== undefined) {
    socket.packet({ type: packetTypes.event, data: [deniedEvent, suppressed > 0 ? { ...reason, suppressed } : reason] });
  }
}

/** Of a connection that is in no namespace: as a refused handshake of the first one. */
export function tellConnection({ encoder }: ServerInternals, conn: EngineConnection, reason: Denial): void {
  const packets = encoder.encode({ type: packetTypes.connectError, nsp: "/", data: { message: reason.message, data: reason } });
  for (const packet of packets) conn.write(packet);
}

/** Tells all sockets of a connection why it ends, in one write. Where the code has no advice, clients are told not to come back by themselves. */
export function sayGoodbye(conn: EngineConnection, sockets: readonly SocketInternals[], reason: Denial): void {
  const advised: Denial = reason.reconnect === undefined ? { ...reason, reconnect: "never" } : reason;
  corked(conn, () => {
    for (const socket of sockets) socket.packet({ type: packetTypes.event, data: [byeEvent, advised] });
    for (const socket of sockets) socket.packet({ type: packetTypes.disconnect });
  });
}

export function tellSession(socket: SocketInternals, session: LiveSession): void {
  const { subject = null, signingId, identity: { clientData } } = session;
  const notice: SessionNotice = { subject, ...endOf(session), ...(clientData !== undefined && { clientData }), ...(signingId !== undefined && { signingId }) };
  socket.packet({ type: packetTypes.event, data: [sessionEvent, notice] });
}

/** Answers a packet that asked for an answer. */
export function tellAnswer(socket: SocketInternals, packet: Packet, answer: unknown): void {
  if (packet.id != null) socket.packet({ type: packetTypes.ack, id: packet.id, data: [answer] });
}

/** When a session ends. */
export function endOf({ expiresAt }: LiveSession): Pick<SessionNotice, "expiresIn" | "expiresAt"> {
  return expiresAt === Infinity ? { expiresIn: null, expiresAt: null } : { expiresIn: expiresAt - Date.now(), expiresAt };
}
