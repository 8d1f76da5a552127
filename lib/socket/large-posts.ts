/**
 * POSTs of polling with thousands of packets. Engine.IO decodes such a body and hands on all its packets in one turn of the event
 * loop, which takes hundreds of milliseconds for a megabyte. Here its packets wait with those that the connection has sent before.
 */
import type { Incoming } from "./incoming.js";
import type { EngineConnection, PollingParser } from "./internals.js";
import { Body, separator, type Origin } from "./post-body.js";

// To decode fewer packets and to hand them on takes a few milliseconds at most.
const maxPackets = 2_048;
// Before them, the body must have a CONNECT. A client sends it first.
const maxBeforeConnect = 64;

/** Takes the place of the parser's `decodePayload`. `incoming` is undefined before the first CONNECT. */
export function readInParts(conn: EngineConnection, incoming: () => Incoming | undefined): void {
  const { transport } = conn;
  const parser = transport?.parser;
  if (transport?.name !== "polling" || typeof transport.onDataRequest !== "function" || typeof parser?.decodePayload !== "function") return;
  const decodePayload = (text: string): { forEach(handle: Origin["handle"]): void } => {
    if (!hasManyPackets(text)) return parser.decodePayload(text);
    // Engine.IO calls nothing else on what it gets.
    return { forEach: (handle) => begin(new Body(text, { conn, transport, parser, handle }), conn, incoming) };
  };
  transport.parser = Object.create(parser, { decodePayload: { value: decodePayload } }) as PollingParser;
}

function begin(body: Body, conn: EngineConnection, incoming: () => Incoming | undefined): void {
  // The POST has waited, and the connection was closed meanwhile: Engine.IO drops its packets, too.
  if (conn.readyState !== "open") return;
  for (let read = 0; incoming() === undefined && !body.isRead && read < maxBeforeConnect; read += 1) body.readOne(() => undefined);
  const reader = incoming();
  if (reader === undefined) conn.close(true);
  else reader.wait(body);
}

function hasManyPackets(text: string): boolean {
  if (text.length < maxPackets) return false;
  let separatorAt = -1;
  for (let packets = 0; packets < maxPackets; packets += 1) {
    separatorAt = text.indexOf(separator, separatorAt + 1);
    if (separatorAt === -1) return false;
  }
  return true;
}
