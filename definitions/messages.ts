/** What is said in the chat: as a client sends it, and as everybody receives it. */
import { z } from "zod";
import { UserId } from "./users.js";

const longest = 2_000;

// Postgres stores no text with a NUL in it.
const Text = z.string().overwrite((text) => text.replaceAll("\0", "")).trim().min(1).max(longest);

export const Message = z.strictObject({ text: Text });
export type Message = z.infer<typeof Message>;

/** A message for one user alone. */
export const Direct = z.strictObject({ to: UserId, text: Text });
export type Direct = z.infer<typeof Direct>;

/** What to tell a user whose message does not fit. */
export const messageMisfit = `A message has 1 to ${longest.toLocaleString("en")} characters.`;

/** A message that is stored. Times are milliseconds since 1970. */
export interface ChatMessage {
  readonly id: number;
  readonly author: { readonly id: string; readonly name: string };
  readonly text: string;
  readonly sentAt: number;
}

/** A direct message: both sides hear it in all their tabs, and nobody keeps it. */
export interface DirectMessage {
  readonly id: string;
  readonly author: { readonly id: string; readonly name: string };
  readonly to: { readonly id: string; readonly name: string };
  readonly text: string;
  readonly sentAt: number;
}

/** An ack's answer when the server itself failed; a denial has the same shape, so that clients show both alike. */
export interface Failed {
  readonly error: { readonly message: string };
}
