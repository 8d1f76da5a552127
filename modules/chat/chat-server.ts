/** The types of the chat's Socket.IO server and sockets. */
import type { Server, Socket } from "socket.io";
import type { ClientToServerEvents, ServerToClientEvents, SocketData } from "../../definitions/events.js";
import type { ChatUser } from "../../definitions/users.js";

/** The messages between nodes. */
export interface NodeEvents {
  /** The users who are connected to this node. */
  here: (node: string, users: ChatUser[]) => void;
}

export type ChatServer = Server<ClientToServerEvents, ServerToClientEvents, NodeEvents, SocketData>;
export type ChatSocket = Socket<ClientToServerEvents, ServerToClientEvents, NodeEvents, SocketData>;
