/** `channel_data`: the member for whom a backend has signed, and until when. */
import type { RoomMember } from "../protocol.js";
import { Refusal } from "../refusal.js";
import { parseObject } from "../token/json.js";
import { isUserId } from "./user.js";

/** What a backend signs about the member of a room. */
export interface RoomUser {
  /** A string of 1 to 1,024 characters, or a finite number, which becomes its text. */
  readonly user_id: string | number;
  /** What the other members see: at most 2,048 characters of JSON. */
  readonly user_info?: unknown;
  /** When the membership ends, in seconds since 1970 (NumericDate of RFC 7519). An addition to Pusher's format, in which signatures have no end. */
  readonly exp?: number;
}

export interface ChannelData {
  readonly member: RoomMember;
  /** Epoch milliseconds; `Infinity` without an `exp`. */
  readonly endsAt: number;
}

/** Characters. */
export const maxChannelData = 16_384;

// The year 9999. An `exp` in milliseconds would be later.
const maxNumericDate = 253_402_300_799;

/** Undefined if the text does not describe a member. */
export function readChannelData(text: string): ChannelData | undefined {
  if (text.length > maxChannelData) return undefined;
  const data = parseObject(text);
  if (data instanceof Refusal) return undefined;
  const id = idOf(data["user_id"]);
  const endsAt = Object.hasOwn(data, "exp") ? endOf(data["exp"]) : Infinity;
  if (id === undefined || endsAt === undefined) return undefined;
  return { member: Object.hasOwn(data, "user_info") ? { id, info: data["user_info"] } : { id }, endsAt };
}

function idOf(given: unknown): string | undefined {
  if (typeof given === "number") return Number.isFinite(given) ? String(given) : undefined;
  return isUserId(given) ? given : undefined;
}

function endOf(exp: unknown): number | undefined {
  return typeof exp === "number" && exp >= 0 && exp <= maxNumericDate ? exp * 1_000 : undefined;
}
