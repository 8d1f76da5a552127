/**
 * The signatures of Pusher Channels: HMAC-SHA256 over a text that begins with the `signingId` of a session. No text of a user
 * is one of a room: neither a `signingId` nor a room's name has a colon, and only a user's text has two of them at once.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { invalid } from "./invalid.js";
import type { AcceptedKey, AcceptedKeys } from "./keys.js";

/** The text that is signed for a user (Pusher Channels, "User authentication"). */
export function userText(signingId: string, userData: string): string {
  return `${signingId}::user::${userData}`;
}

/** The text that is signed for a room (Pusher Channels, "Private channels" and "Presence channels"). */
export function roomText(signingId: string, room: string, channelData: string | undefined): string {
  return channelData === undefined ? `${signingId}:${room}` : `${signingId}:${room}:${channelData}`;
}

/** HMAC-SHA256 in lower-case hexadecimal. */
export function signatureOf(text: string | Uint8Array, secret: string): string {
  return createHmac("sha256", secret).update(text).digest("hex");
}

/** `auth`, as clients send it: the name of the key, a colon and the signature. */
export function authOf(text: string, { key, secret }: AcceptedKey): string {
  return `${key}:${signatureOf(text, secret)}`;
}

/** The key whose signature of this text `auth` is, also one whose time is over. */
export function signerOf(auth: unknown, text: string, keys: AcceptedKeys): AcceptedKey | undefined {
  // Half of a surrogate pair would be signed as U+FFFD: two texts would have one signature.
  if (typeof auth !== "string" || /\p{Surrogate}/u.test(text)) return undefined;
  const [, name, signature = ""] = /^([\w.-]+):([0-9a-f]{64})$/.exec(auth) ?? [];
  const key = keys.find((one) => one.key === name);
  return key !== undefined && isSignature(signature, text, key) ? key : undefined;
}

/** Whether this is the signature of the key. Compares in constant time. */
export function isSignature(given: string, text: string | Uint8Array, { secret }: AcceptedKey): boolean {
  return /^[0-9a-f]{64}$/.test(given) && timingSafeEqual(Buffer.from(given), Buffer.from(signatureOf(text, secret)));
}

/** Whether it has the form of Pusher's `socket_id`: Pusher's libraries sign nothing else. */
export function isSigningId(given: unknown): given is string {
  return typeof given === "string" && /^\d+\.\d+$/.test(given);
}

/** @throws GuardError `option_invalid` */
export function requireSigningId(given: unknown): void {
  if (!isSigningId(given)) throw invalid("`signingId` must be the one that the client received in guard:session.");
}
