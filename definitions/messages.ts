/** Messages, as clients send them and as they receive them. */
import { z } from "zod";
import { UserId } from "./users.js";

const maxLength = 2_000;

// Postgres cannot store NUL characters.
const Text = z.string().overwrite((text) => text.replaceAll("\0", "")).trim().min(1).max(maxLength);

export const Message = z.strictObject({ text: Text });
export type Message = z.infer<typeof Message>;

/** A direct message to one user. */
export const Direct = z.strictObject({ to: UserId, text: Text });
export type Direct = z.infer<typeof Direct>;

/** Shown to a user whose message is empty or too long. */
export const invalidMessage = `A message must have 1 to ${maxLength.toLocaleString("en")} characters.`;

/** A stored message. Times are milliseconds since 1970. */
export interface ChatMessage {
  readonly id: number;
  readonly author: { readonly id: string; readonly name: string };
  readonly text: string;
  readonly sentAt: number;
}

/** A stored message to one user. Only its author and that user can read it. */
export interface DirectMessage extends ChatMessage {
  readonly to: { readonly id: string; readonly name: string };
}

/** The id of a message. A later message has a higher id. */
export const MessageId = z.int().positive();

/** The answer when the server failed. It looks like a denial, so that clients can show both in the same way. */
export interface Failed {
  readonly error: { readonly message: string };
}
