/** What the guard itself sends to clients. */
import { byeEvent, deniedEvent, leftEvent, sessionEvent, type Denial, type SessionNotice } from "../protocol.js";
import type { LiveSession } from "../session/session.js";
import { corked } from "./cork.js";
import { packetTypes, type EngineConnection, type Packet, type ServerInternals, type SocketInternals } from "./internals.js";

/** Answers an event, if its client asked for an ack. */
export function sendAnswer(socket: SocketInternals, { id }: Packet, answer: unknown): void {
  if (id != null) socket.packet({ type: packetTypes.ack, id, data: [answer] });
}

/** For an event that has no ack. `suppressed` is how many such notices were not sent before this one. */
export function sendDenied(socket: SocketInternals, reason: Denial, suppressed: number): void {
  socket.packet({ type: packetTypes.event, data: [deniedEvent, suppressed > 0 ? { ...reason, suppressed } : reason] });
}

export function sendSession(socket: SocketInternals, session: LiveSession): void {
  const { subject = null, signingId, identity: { clientData } } = session;
  const notice: SessionNotice = { subject, ...expiryOf(session), ...(clientData !== undefined && { clientData }), ...(signingId !== undefined && { signingId }) };
  socket.packet({ type: packetTypes.event, data: [sessionEvent, notice] });
}

/** The guard has removed the socket from the room that the denial names. */
export function sendLeft(socket: SocketInternals, reason: Denial): void {
  socket.packet({ type: packetTypes.event, data: [leftEvent, reason] });
}

/** Tells all sockets of a connection why it ends, in one write. If its code has no advice, clients are told not to reconnect. */
export function sendGoodbye(conn: EngineConnection, sockets: readonly SocketInternals[], reason: Denial): void {
  const advised: Denial = reason.reconnect === undefined ? { ...reason, reconnect: "never" } : reason;
  corked(conn, () => {
    for (const socket of sockets) socket.packet({ type: packetTypes.event, data: [byeEvent, advised] });
    for (const socket of sockets) socket.packet({ type: packetTypes.disconnect });
  });
}

/** For a connection that is in no namespace: the client sees a refused handshake of the main one. */
export function sendConnectError({ encoder }: ServerInternals, conn: EngineConnection, reason: Denial): void {
  const packets = encoder.encode({ type: packetTypes.connectError, nsp: "/", data: { message: reason.message, data: reason } });
  for (const packet of packets) conn.write(packet);
}

/** When a session expires, as clients are told. */
export function expiryOf({ expiresAt }: LiveSession): Pick<SessionNotice, "expiresIn" | "expiresAt"> {
  return expiresAt === Infinity ? { expiresIn: null, expiresAt: null } : { expiresIn: expiresAt - Date.now(), expiresAt };
}
