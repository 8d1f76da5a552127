// A contract is a set of tests about Socket.IO itself, which run on each supported version. Servers listen on free
// loopback ports, and everything that a test opens is closed after it. A test that begins with "why:" shows why the guard is needed.
import { createServer, type Server as WebServer } from "node:http";
import { afterEach, describe } from "mocha";
import type { Server, ServerOptions, Socket } from "socket.io";
import { io as openClient, type ManagerOptions, type Socket as Client, type SocketOptions } from "socket.io-client";
import { openRaw, type Raw, type RawOptions } from "../support/raw.js";
import { insideSocket, type InsideSocket } from "./inside.js";
import { versions, type SocketIo } from "./versions.js";
import { listenOnNewPort } from "../support/ports.js";

export interface Served {
  io: Server;
  address: string;
  client: (namespace?: string, options?: Partial<ManagerOptions & SocketOptions>) => Client;
  raw: (options?: RawOptions) => Promise<Raw>;
}

export type Serve = (options?: Partial<ServerOptions>) => Promise<Served>;

const toClose: (() => unknown)[] = [];

/** Declares the same tests for each version. */
export function contract(title: string, declare: (serve: Serve, socketIo: SocketIo) => void): void {
  for (const { number, socketIo } of versions) {
    describe(`Socket.IO ${number}: ${title}`, () => {
      afterEach(closeEverything);
      declare((options) => serve(socketIo, options), socketIo);
    });
  }
}

/** The next arguments of an event, on either side. */
export function heard(emitter: { once: (event: never, listener: never) => unknown }, event: string): Promise<unknown[]> {
  return new Promise((resolve) => {
    emitter.once(event as never, ((...args: unknown[]) => resolve(args)) as never);
  });
}

/** The next socket that connects to a namespace. */
export async function connection(namespace: { once(event: "connection", listener: (socket: Socket) => void): unknown }): Promise<Socket> {
  return new Promise((resolve) => namespace.once("connection", resolve));
}

/** `full` resolves when `push` was called `count` times. `all` holds what it was called with. */
export function collector<T>(count: number): { all: T[]; push: (thing: T) => void; full: Promise<T[]> } {
  const all: T[] = [];
  let done: (all: T[]) => void;
  const full = new Promise<T[]>((resolve) => { done = resolve; });
  const push = (thing: T): void => {
    all.push(thing);
    if (all.length === count) done(all);
  };
  return { all, push, full };
}

/** A server, a raw client that is connected to its main namespace, and the client's socket on the server. */
export async function connected(serve: Serve): Promise<{ socket: Socket; inner: InsideSocket; attacker: Raw }> {
  const { io, raw } = await serve();
  const connecting = connection(io);
  const attacker = await raw();
  await attacker.connect();
  const socket = await connecting;
  return { socket, inner: insideSocket(socket), attacker };
}

/** Resolves on the next turn of the event loop, after all pending ticks and microtasks. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

export async function listen(web: WebServer): Promise<string> {
  const port = await listenOnNewPort(web);
  toClose.push(() => {
    web.close();
    web.closeAllConnections();
  });
  return `http://127.0.0.1:${port}`;
}

export function closeLater(close: () => unknown): void {
  toClose.push(close);
}

async function serve(socketIo: SocketIo, options: Partial<ServerOptions> = {}): Promise<Served> {
  const web = createServer();
  const io = new socketIo.Server(web, options);
  const address = await listen(web);
  closeLater(() => { void io.close(); });

  function client(namespace = "/", clientOptions = {}): Client {
    const opened = openClient(address + namespace, { forceNew: true, reconnection: false, transports: ["websocket"], ...clientOptions });
    closeLater(() => {
      opened.io.reconnection(false); // else another namespace of the same manager would reconnect forever
      opened.disconnect();
    });
    return opened;
  }

  async function raw(rawOptions?: RawOptions): Promise<Raw> {
    const opened = await openRaw(address, rawOptions);
    closeLater(() => opened.close());
    return opened;
  }

  return { io, address, client, raw };
}

// The last one that was opened is closed first: clients before their server.
function closeEverything(): void {
  for (const close of toClose.splice(0).reverse()) close();
}
