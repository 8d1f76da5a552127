// What the type tests are about: a chat's events and its user.
import type { Server } from "socket.io";
import { z } from "zod";
import { jwt, type GuardServerEvents } from "../../lib/index.js";

export const Message = z.object({ text: z.string() });
export type Message = z.infer<typeof Message>;

export interface ChatUser {
  readonly sub: string;
  readonly role: "member" | "admin";
}

export interface ClientToServerEvents {
  hello: () => void;
  getUser: (id: string, ack: (name: string | null) => void) => void;
  message: (message: Message, ack: (id: number) => void) => void;
  rename: (id: string, name: string) => void;
  read: (id: number, ack?: (isRead: boolean) => void) => void;
}

export interface ServerToClientEvents extends GuardServerEvents {
  message: (message: Message) => void;
}

export interface NoEvents {
  [event: string]: never;
}

export interface SocketData {
  user?: ChatUser;
}

export declare const io: Server<ClientToServerEvents, ServerToClientEvents, NoEvents, SocketData>;
export declare const untyped: Server;

export const ChatClaims = z.object({ sub: z.string(), role: z.enum(["member", "admin"]) });
export const tokens = jwt({ keys: process.env["LOCAL_JWT_SECRET"], claims: ChatClaims });
