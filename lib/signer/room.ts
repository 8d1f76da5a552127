/** Signs that a session may join a room, and verifies that a backend has. */
import type { JoinAuthorization, RoomAuthorization, RoomMember } from "../protocol.js";
import { isEncryptedRoom, isRoomName } from "../room-name.js";
import { maxChannelData, readChannelData, type RoomUser } from "./channel-data.js";
import { sharedSecret } from "./encryption.js";
import { invalid } from "./invalid.js";
import type { AcceptedKeys } from "./keys.js";
import { authOf, isSigningId, requireSigningId, roomText, signerOf } from "./signature.js";

/** What a verified authorization says. */
export interface SignedRoom {
  /** When it ends: at `exp`, or when its key is no longer accepted. Epoch milliseconds; `Infinity` if it has no end. */
  readonly endsAt: number;
  /** Of the `channel_data`. */
  readonly member?: RoomMember;
}

/** @throws GuardError `option_invalid`, `option_missing` */
export function authorizeRoom([key]: AcceptedKeys, signingId: string, room: string, member: RoomUser | undefined): RoomAuthorization {
  requireSigningId(signingId);
  requireRoom(room);
  const channel_data = member === undefined ? undefined : channelDataOf(member);
  const auth = authOf(roomText(signingId, room, channel_data), key);
  return { auth, ...(channel_data !== undefined && { channel_data }), ...(isEncryptedRoom(room) && { shared_secret: sharedSecret(key, room) }) };
}

function channelDataOf(member: RoomUser): string {
  const channel_data = JSON.stringify(member) as string | undefined;
  if (channel_data !== undefined && readChannelData(channel_data) !== undefined) return channel_data;
  throw invalid(`The member to sign needs a \`user_id\`: a string of 1 to 1,024 characters or a finite number. Its \`exp\` counts seconds, and all of it as JSON has at most ${maxChannelData} characters.`);
}

/** "expired": it was valid, and a new signature would be. */
export function verifyRoom(keys: AcceptedKeys, signingId: string, room: string, given: JoinAuthorization, now: number): SignedRoom | "invalid" | "expired" {
  const { auth, channel_data } = given;
  if (!isSigningId(signingId) || !isRoomName(room) || (channel_data !== undefined && !isShortText(channel_data))) return "invalid";
  const key = signerOf(auth, roomText(signingId, room, channel_data), keys);
  if (key === undefined) return "invalid";
  const data = channel_data === undefined ? { endsAt: Infinity } : readChannelData(channel_data);
  if (data === undefined) return "invalid";
  const signed = { ...data, endsAt: Math.min(data.endsAt, key.acceptUntil) };
  return now < signed.endsAt ? signed : "expired";
}

/** @throws GuardError `option_invalid` */
function requireRoom(room: unknown): void {
  if (!isRoomName(room)) throw invalid("The name of a room has 1 to 200 letters, digits or `_-=@,.;`.");
}

function isShortText(given: unknown): given is string {
  return typeof given === "string" && given.length <= maxChannelData;
}
