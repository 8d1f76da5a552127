/** The types of the chat's Socket.IO server and sockets. */
import type { Server, Socket } from "socket.io";
import type { ClientToServerEvents, ServerToClientEvents, SocketData } from "../../definitions/events.js";
import type { SessionOfUser } from "../../definitions/guard-panel.js";

/** The messages between nodes. */
export interface NodeEvents {
  /** Asks a node for its sessions. */
  sessions: (answer: (sessions: SessionOfUser[]) => void) => void;
  /** An admin, whose name this is, is about to end a session. */
  sessionEnds: (id: string, by: string, answer: (told: true) => void) => void;
  /** A session was revoked. The ids are its own and that of its user. */
  sessionEnded: (node: string, ids: readonly string[]) => void;
}

export type ChatServer = Server<ClientToServerEvents, ServerToClientEvents, NodeEvents, SocketData>;
export type ChatSocket = Socket<ClientToServerEvents, ServerToClientEvents, NodeEvents, SocketData>;
