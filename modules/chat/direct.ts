/** Direct messages. They go to all tabs of both users, on all nodes, and are not stored. */
import { randomUUID } from "node:crypto";
import type { ToUser } from "socket.io-guard";
import type { ServerToClientEvents } from "../../definitions/events.js";
import type { Direct, DirectMessage } from "../../definitions/messages.js";
import type { ChatUser } from "../../definitions/users.js";
import type { Users } from "../users/users.js";

export type ToUserOfChat = (subject: string) => ToUser<ServerToClientEvents>;

/** Resolves with the message, or with null if there is no such user. */
export async function sendDirect(users: Users, toUser: ToUserOfChat, { id, name }: ChatUser, { to, text }: Direct): Promise<DirectMessage | null> {
  const found = await users.find(to);
  if (found === null) return null;
  const message = { id: randomUUID(), author: { id, name }, to: { id: found.id, name: found.name }, text, sentAt: Date.now() };
  for (const side of new Set([id, found.id])) toUser(side).emit("direct", message);
  return message;
}
