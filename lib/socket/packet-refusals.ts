/** Why a packet is denied before a rule is asked, and the forms of a refusal. */
import type { ParsedRate } from "../limits/rate.js";
import { isTooDeep, tooDeep } from "../nesting.js";
import { denial, type Denial } from "../protocol.js";
import { Refusal } from "../refusal.js";
import { nameOf, type Packet } from "./internals.js";

// Arguments are put on the stack one by one: with a hundred thousand of them, calling a listener ends the process.
export const maxArguments = 1_024;

export function tooManyDenials({ text, window }: ParsedRate): Refusal {
  const message = "Too many of your events were denied. Wait before you connect again.";
  return new Refusal(denial("rate_limited", { message, reconnect: "later", retryAfter: window }), `more events were denied than \`disconnectAfter\`, ${text}, allows`);
}

export function cannotRecord(event: string): Refusal {
  return new Refusal(denial("unavailable", { event }), "the buffer of the audit log is full");
}

/** Why this packet is denied, because its session is not valid. */
export function refusedFor(packet: Packet, { denial: { code }, reason }: Refusal): Refusal {
  return new Refusal(denial(code, { event: nameOf(packet) }), reason);
}

export function isEvent(data: unknown): data is [string, ...unknown[]] {
  return Array.isArray(data) && typeof data[0] === "string";
}

/** Why a client's answer to the server is not handed on. */
export function refusedAck(data: unknown): Denial | Refusal | undefined {
  if (!Array.isArray(data)) return undefined;
  return data.length > maxArguments ? denial("payload_too_large") : isTooDeep(data) ? tooDeep() : undefined;
}

export function refusalOf(verdict: Denial | Refusal): Refusal {
  return verdict instanceof Refusal ? verdict : new Refusal(verdict);
}
