/** Messages, as clients send them and as they receive them. */
import { z } from "zod";
import { isEncrypted, RoomName } from "./rooms.js";
import { UserId } from "./users.js";

const maxLength = 2_000;
/** A text of that length, encrypted. */
const maxEncryptedLength = 20_000;

// Postgres cannot store NUL characters.
const AnyText = z.string().overwrite((text) => text.replaceAll("\0", "")).trim().min(1);
const Text = AnyText.max(maxLength);

/** What `room.encrypt` of the guard's client returns, as JSON. */
const Encrypted = z.strictObject({ nonce: z.base64(), ciphertext: z.base64() });

/** A message to everyone in a room. In an encrypted room its text is encrypted. */
export const Message = z.strictObject({ room: RoomName, text: AnyText.max(maxEncryptedLength) })
  .refine(({ room, text }) => (isEncrypted(room) ? isEncryptedText(text) : Text.safeParse(text).success), "The text is too long, or it is not encrypted and the room is.");
export type Message = z.infer<typeof Message>;

/** A direct message to one user. */
export const Direct = z.strictObject({ to: UserId, text: Text });
export type Direct = z.infer<typeof Direct>;

/** Shown to a user whose message is empty or too long. */
export const invalidMessage = `A message must have 1 to ${maxLength.toLocaleString("en")} characters.`;

/** A stored message. Times are milliseconds since 1970. */
export interface ChatMessage {
  readonly id: number;
  readonly room: string;
  readonly author: { readonly id: string; readonly name: string };
  readonly text: string;
  readonly sentAt: number;
}

/** A stored message to one user. Only its author and that user can read it. Its room is that of the two. */
export interface DirectMessage extends ChatMessage {
  readonly to: { readonly id: string; readonly name: string };
}

/** The id of a message. A later message has a higher id. */
export const MessageId = z.int().positive();

/** The answer when the server failed. It looks like a denial, so that clients can show both in the same way. */
export interface Failed {
  readonly error: { readonly message: string };
}

function isEncryptedText(text: string): boolean {
  try {
    return Encrypted.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
