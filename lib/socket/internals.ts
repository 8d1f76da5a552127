/** Types of the private parts of Socket.IO that the guard uses. Contract tests pin each of them. If one is missing, the guard does not start. */
import type { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Server } from "socket.io";
import { GuardError } from "../guard-error.js";

/** A decoded packet (socket.io-protocol 5). */
export interface Packet {
  readonly type: number;
  readonly data?: unknown;
  readonly id?: number | undefined;
}

/** A packet as the encoder gets it. */
export interface OutgoingPacket extends Packet {
  readonly nsp: string;
}

/** Packet types of socket.io-protocol 5. */
export const packetTypes = { connect: 0, disconnect: 1, event: 2, ack: 3, connectError: 4, binaryEvent: 5, binaryAck: 6 } as const;

/** The name of the event in a packet, if there is one. */
export function nameOf(packet: Packet): string | undefined {
  const name: unknown = Array.isArray(packet.data) ? packet.data[0] : undefined;
  return typeof name === "string" ? name : undefined;
}

export interface EngineConnection {
  readonly readyState: string;
  /** Other engines than engine.io may have none of these. */
  readonly transport?: EngineTransport;
  /** Packets that wait for the transport to be writable. */
  readonly writeBuffer?: readonly unknown[];
  /** Sends them. */
  readonly flush?: () => void;
  /** Undefined if the client has already reset its connection. */
  readonly remoteAddress: string | undefined;
  /** The request that opened it. */
  readonly request?: { readonly headers: Record<string, string | string[] | undefined> };
  /** Sends an encoded packet. */
  write(packet: unknown): void;
  /** With `discard` it does not wait until everything was taken. */
  close(discard?: boolean): void;
  on(event: "data" | "close", listener: (...args: unknown[]) => void): this;
  on(event: "packet", listener: (packet: { data?: unknown }) => void): this;
  once(event: "close", listener: () => void): unknown;
  off(event: "data" | "close", listener: (...args: unknown[]) => void): this;
  off(event: "packet", listener: (packet: { data?: unknown }) => void): this;
}

export interface EngineTransport {
  readonly name?: string;
  writable: boolean;
  /** Of a websocket: that of `ws`, with its network socket. */
  readonly socket?: { readonly _socket?: Wire; pause?(): void; resume?(): void };
  /** Of polling: takes a POST. */
  onDataRequest?: (request: unknown, response: unknown) => void;
  /** Of polling: decodes the bodies of POSTs. */
  parser?: PollingParser;
  /** Takes what has come: of polling, the body of a POST. */
  onData?: (this: EngineTransport, body: unknown) => void;
  /** Of JSONP: what its answers begin with. */
  readonly head?: string;
}

/** A packet of Engine.IO, such as a message or a pong. */
export interface EnginePacket {
  readonly type: string;
  readonly data?: unknown;
}

export interface PollingParser {
  decodePacket(text: string): EnginePacket;
  decodePayload(body: string): EnginePacket[];
}

/** A network socket. */
export interface Wire {
  cork(): void;
  uncork(): void;
}

/** One engine connection, with its sockets in each namespace. */
export interface ClientInternals {
  readonly id: string;
  readonly conn: EngineConnection;
  readonly sockets: ReadonlyMap<string, SocketInternals>;
  /** Everything that is sent to this client passes here. */
  writeToEngine?: (packets: unknown, options: unknown) => void;
  /** Listens to the connection's "data", and hands each message to the decoder. */
  ondata: (message: unknown) => void;
  /** Listens to the connection's "close". */
  readonly onclose: (...why: unknown[]) => void;
  close(): void;
  _disconnect(): void;
}

/** What Socket.IO gives to its adapter when a connection breaks. */
export interface SocketState {
  readonly sid: string;
  readonly pid: string;
  readonly rooms: readonly string[];
  readonly data: Record<string, unknown>;
}

export interface AdapterInternals {
  /** Where the in-memory adapter keeps its sessions. */
  readonly sessions?: unknown;
  /** The ids of the sockets of this node by room. */
  readonly rooms: ReadonlyMap<string, ReadonlySet<string>>;
  on(event: "leave-room", listener: (room: string, id: string) => void): unknown;
  broadcast(packet: Packet, options: { readonly rooms: ReadonlySet<string>; readonly except: ReadonlySet<string>; readonly flags: { readonly local: boolean; readonly volatile: boolean } }): unknown;
  close(): void;
  persistSession(state: SocketState): void;
  restoreSession(pid: string, offset: string): unknown;
  /** Emits `[event, ...args]` in the same namespace on the other nodes. */
  serverSideEmit(packet: unknown[]): unknown;
}

export interface SocketInternals extends EventEmitter {
  /** Changes when the socket is recovered, as `pid`, `data` and `recovered` do. */
  id: string;
  pid?: string;
  recovered: boolean;
  data: { user?: unknown };
  readonly rooms: ReadonlySet<string>;
  readonly adapter: AdapterInternals;
  readonly connected: boolean;
  readonly client: ClientInternals;
  readonly nsp: NamespaceInternals;
  readonly handshake: {
    headers: Record<string, string | string[] | undefined>;
    /** Undefined if the client has already reset its connection, whatever Socket.IO's types say. */
    readonly address: string | undefined;
    readonly auth: Record<string, unknown>;
  };
  readonly fns: readonly unknown[];
  readonly _anyListeners?: readonly ((...args: unknown[]) => void)[];
  _onpacket(packet: Packet): void;
  onevent(packet: Packet): void;
  onack(packet: Packet): void;
  ondisconnect(): void;
  dispatch(args: unknown[]): void;
  run(args: unknown[], done: (error?: Error) => void): void;
  ack(id: number): (...answer: unknown[]) => void;
  packet(packet: { type: number; data?: unknown; id?: number }): void;
  join(rooms: string | string[]): unknown;
  leave(room: string): unknown;
  /** All other sockets in a room, on all nodes. */
  to(room: string): { emit(event: string, ...args: unknown[]): unknown };
  _cleanup(): void;
  _error(error: { message: string; data: unknown }): void;
  _onerror(error: Error): void;
}

export type Done = (error?: Error & { data?: unknown }) => void;

export type Connected = (socket: SocketInternals) => void;

/** With the defaults of Socket.IO filled in. */
export interface RecoveryOptions {
  readonly maxDisconnectionDuration: number;
  readonly skipMiddlewares: boolean;
}

export interface NamespaceInternals {
  readonly name: string;
  readonly server: Pick<ServerInternals, "encoder"> & { readonly opts: { readonly connectionStateRecovery?: RecoveryOptions } };
  readonly adapter: AdapterInternals;
  readonly sockets: ReadonlyMap<string, SocketInternals>;
  /** Sockets whose CONNECT is not answered yet. */
  readonly _preConnectSockets: Map<string, SocketInternals>;
  /** All sockets in a room, on all nodes. */
  to(room: string): { emit(event: string, ...args: unknown[]): unknown };
  _add: (client: ClientInternals, auth: unknown, connected: Connected) => Promise<void>;
  run: (socket: SocketInternals, done: Done) => void;
  _doConnect(socket: SocketInternals, connected: Connected): void;
  _remove(socket: SocketInternals): void;
}

/** What `io.of(/pattern/)` and `io.of(function)` return. */
export interface ParentInternals {
  readonly children: Set<NamespaceInternals>;
}

/** An engine.io server. */
export interface EngineInternals {
  readonly opts?: { readonly allowEIO3?: boolean };
  on(event: "connection", listener: (conn: EngineConnection) => void): unknown;
  use(middleware: (request: IncomingMessage, response: object, next: (error?: Error) => void) => void): unknown;
}

export interface ServerInternals {
  readonly opts: { readonly allowEIO3?: boolean };
  /** The namespace "/". */
  readonly sockets: NamespaceInternals & EventEmitter;
  readonly _nsps: Map<string, NamespaceInternals>;
  readonly parentNsps: ReadonlyMap<unknown, ParentInternals>;
  /** Encodes every packet that the server sends. */
  readonly encoder: { encode(packet: OutgoingPacket): unknown[] };
  of(name: unknown, listener?: unknown): unknown;
  bind(engine: EngineInternals): unknown;
  readonly engine?: EngineInternals;
}

/**
 * @throws GuardError `socketio_unsupported`
 */
export function internalsOf(io: Server): ServerInternals {
  const server = io as unknown as ServerInternals;
  const namespace = io.sockets as unknown as Partial<NamespaceInternals>;
  const found = typeof server.of === "function" && typeof server.bind === "function" && server._nsps instanceof Map && server.parentNsps instanceof Map
    && namespace._preConnectSockets instanceof Map
    && (["_add", "run", "_doConnect", "_remove"] as const).every((name) => typeof namespace[name] === "function");
  if (!found) throw unsupported();
  return server;
}

const known = new WeakSet<object>();

/** @throws GuardError `socketio_unsupported` */
export function checkSocket(socket: SocketInternals): void {
  const kind = Object.getPrototypeOf(socket) as object;
  if (known.has(kind)) return;
  const methods = ["_onpacket", "onevent", "onack", "ondisconnect", "dispatch", "run", "ack", "packet", "join", "_cleanup", "_error", "_onerror"] as const;
  if (!methods.every((name) => typeof socket[name] === "function") || !Array.isArray(socket.fns)) throw unsupported();
  known.add(kind);
}

function unsupported(): GuardError {
  return new GuardError("socketio_unsupported", "The guard does not know the inside of this Socket.IO server: use socket.io 4.8.");
}
