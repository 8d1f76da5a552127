/** Reads what clients ask about rooms. Undefined: it is malformed. */
import { denial, type JoinRequest, type PublishRequest } from "../protocol.js";
import { Refusal } from "../refusal.js";
import { maxChannelData } from "../signer/channel-data.js";

// A signature is a name of 128 characters, a colon and 64 digits.
const maxAuth = 256;
const maxEventName = 128;

export const malformed = new Refusal(denial("event_malformed"), "it is not an object with the name of a room, or a field of it is missing, too long or no text");

export function readJoin(given: unknown): JoinRequest | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  const { room, auth, channel_data } = given as Partial<JoinRequest>;
  if (typeof room !== "string" || !isText(auth, maxAuth) || !isText(channel_data, maxChannelData)) return undefined;
  return { room, ...(auth !== undefined && { auth }), ...(channel_data !== undefined && { channel_data }) };
}

export function readRoom(given: unknown): string | undefined {
  const { room } = (given ?? {}) as { room?: unknown };
  return typeof room === "string" ? room : undefined;
}

export function readPublish(given: unknown): PublishRequest | undefined {
  const room = readRoom(given);
  if (room === undefined) return undefined;
  const { event, data } = given as Partial<PublishRequest>;
  return typeof event === "string" && event.length <= maxEventName ? { room, event, data } : undefined;
}

function isText(given: unknown, maxLength: number): given is string | undefined {
  return given === undefined || (typeof given === "string" && given.length <= maxLength);
}
