/** The types of the chat's Socket.IO server: which events there are, in which direction. */
import type { Server, Socket } from "socket.io";
import type { ClientToServerEvents, ServerToClientEvents, SocketData } from "../../definitions/events.js";
import type { ChatUser } from "../../definitions/users.js";

/** What the nodes of one chat tell each other. */
export interface NodeEvents {
  /** Who is on this node now. */
  here: (node: string, users: ChatUser[]) => void;
}

export type ChatServer = Server<ClientToServerEvents, ServerToClientEvents, NodeEvents, SocketData>;
export type ChatSocket = Socket<ClientToServerEvents, ServerToClientEvents, NodeEvents, SocketData>;
