/** Direct messages. They go to all tabs of both users, on all nodes. A user who is away gets them at the next connect. */
import type { ToUser } from "socket.io-guard";
import type { ServerToClientEvents } from "../../definitions/events.js";
import type { Direct, DirectMessage } from "../../definitions/messages.js";
import type { ChatUser } from "../../definitions/users.js";
import type { Users } from "../users/users.js";
import type { Messages } from "./messages.js";

export type ToUserOfChat = (subject: string) => ToUser<ServerToClientEvents>;

export interface DirectParts {
  readonly users: Users;
  readonly messages: Messages;
  readonly toUser: ToUserOfChat;
}

/** Stores and sends a message. Resolves with it, or with null if there is no such user. */
export async function sendDirect({ users, messages, toUser }: DirectParts, author: ChatUser, { to, text }: Direct): Promise<DirectMessage | null> {
  const found = await users.find(to);
  if (found === null) return null;
  const message = await messages.addDirect(author, found, text);
  for (const side of new Set([author.id, found.id])) toUser(side).emit("direct", message);
  return message;
}
