// The private parts of Socket.IO that the guard relies on, as types. lib/socket may only use what is listed here and has
// a contract test.
import type { Socket as NetSocket } from "node:net";
import type { Namespace, Server, Socket } from "socket.io";

export interface Packet {
  type: number;
  nsp?: string;
  id?: number;
  data?: unknown;
}

export const PacketType = { CONNECT: 0, DISCONNECT: 1, EVENT: 2, ACK: 3, CONNECT_ERROR: 4 } as const;

export type Done = (error?: Error & { data?: unknown }) => void;
export type Listener = (...args: unknown[]) => void;

export interface InsideClient {
  ondecoded(packet: Packet): void;
  writeToEngine(encoded: unknown, options: object): void;
  nsps: Map<string, Socket>;
  conn: InsideConnection;
  _disconnect(): void;
}

export interface InsideConnection {
  close(): void;
  readyState: string;
  flush(): void;
  transport: { writable: boolean; socket?: { _socket: NetSocket } };
}

export interface InsideSocket {
  _onpacket(packet: Packet): void;
  _cleanup(): void;
  onevent(packet: Packet): void;
  dispatch(args: unknown[]): void;
  ack(id: number): (...answer: unknown[]) => void;
  onack(packet: Packet): void;
  ondisconnect(): void;
  packet(packet: Packet): void;
  acks: Map<number, Listener>;
  fns: unknown[];
  _anyListeners: Listener[] | undefined;
  client: InsideClient;
  id: string;
  pid: string;
  data: unknown;
  recovered: boolean;
  adapter: InsideAdapter;
  handshake: { auth: unknown };
}

/** The in-memory adapter, with recovery on. */
export interface InsideAdapter {
  sessions: Map<string, unknown>;
  persistSession(state: { sid: string; pid: string; rooms: string[]; data: unknown }): void;
  restoreSession(pid: string, offset: string): unknown;
}

export interface InsideNamespace {
  run(socket: Socket, done: Done): void;
  _add(client: InsideClient, auth: unknown, connected: (socket: Socket) => void): Promise<void>;
  _doConnect(socket: Socket, connected: (socket: Socket) => void): void;
  _remove(socket: Socket): void;
  adapter: InsideAdapter;
  server: { opts: { connectionStateRecovery?: object } };
  _preConnectSockets: Map<string, Socket>;
  _fns: ((socket: Socket, next: Done) => void)[];
}

export interface InsideServer {
  of(name: unknown, listener?: unknown): Namespace;
  bind(engine: unknown): unknown;
  _nsps: Map<string, Namespace>;
}

export const insideSocket = (socket: Socket): InsideSocket => socket as unknown as InsideSocket;
export const insideNamespace = (namespace: Namespace): InsideNamespace => namespace as unknown as InsideNamespace;
export const insideServer = (io: Server): InsideServer => io;
