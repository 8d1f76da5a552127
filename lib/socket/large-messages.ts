/** Messages with more bytes than `limits.messageSize`, and large ones that are nested too deep: they are denied without being decoded. */
import { isTextTooDeep } from "../nesting.js";
import { denial } from "../protocol.js";
import { Refusal } from "../refusal.js";
import type { Registry } from "../session/registry.js";
import { gateOf, type Gate } from "./gate.js";
import type { ClientInternals } from "./internals.js";

// The beginning of an event, as Socket.IO's own parser writes it: its namespace, and the id of its ack.
const event = /^2(?:(\/[^,]{0,200}),)?(\d{1,15})?\[/;

// To decode a megabyte of brackets takes hundreds of milliseconds. Smaller messages are decoded and then looked at.
const largeText = 131_072;

/** Why a message is not decoded. `maxSize` is how many bytes it may have; undefined if the server's own limit is enough. */
export function refusalOfMessage(message: unknown, maxSize: number | undefined): Refusal | undefined {
  if (maxSize !== undefined && isLonger(message, maxSize)) return tooLarge;
  return isLargeAndDeep(message) ? tooDeep : undefined;
}

function isLonger(message: unknown, maxSize: number): boolean {
  if (typeof message !== "string") return ((message as Partial<ArrayBufferView>).byteLength ?? 0) > maxSize;
  // A UTF-16 unit has one to three bytes in UTF-8.
  return message.length > maxSize || (message.length * 3 > maxSize && Buffer.byteLength(message) > maxSize);
}

function isLargeAndDeep(message: unknown): boolean {
  return typeof message === "string" && message.length > largeText && isTextTooDeep(message);
}

/** Before the first CONNECT: the message becomes one that no parser accepts, so that Socket.IO closes the connection. */
export function spoilLargeAndDeep(packet: { data?: unknown }): void {
  if (isLargeAndDeep(packet.data)) packet.data = "x";
}

/**
 * Denies an event that is not decoded. Other messages, such as binary data, belong to a packet that can no longer be put together: they
 * end the session. A client without a session is disconnected.
 */
export function denyMessage(client: ClientInternals, message: unknown, reason: Refusal, registry: Registry): void {
  const [isEvent, namespace = "/", id] = (typeof message === "string" ? event.exec(message.slice(0, 250)) : null) ?? [];
  const gate = gateIn(client, isEvent === undefined ? undefined : namespace);
  if (gate === undefined) client.close();
  else if (isEvent === undefined) registry.end(gate.session!, reason);
  else gate.denyUndecoded(id === undefined ? undefined : Number(id), reason.denial.code);
}

/** The gate of a socket with a session, in this namespace or in any. */
function gateIn({ sockets }: ClientInternals, namespace: string | undefined): Gate | undefined {
  for (const socket of sockets.values()) {
    const gate = gateOf(socket);
    if (gate?.session !== undefined && (namespace === undefined || socket.nsp.name === namespace)) return gate;
  }
  return undefined;
}

const tooLarge = new Refusal(denial("payload_too_large", { reconnect: "later" }), "a message has more bytes than `limits.messageSize` allows");
const tooDeep = new Refusal(denial("event_malformed", { reconnect: "later" }), "a message is nested too deep");
