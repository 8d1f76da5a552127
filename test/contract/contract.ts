// A contract: sentences about Socket.IO, each tried on every version. Servers listen on free loopback ports; whatever a
// test opened is closed after it.
import { once } from "node:events";
import { createServer, type Server as WebServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe } from "mocha";
import type { Server, ServerOptions, Socket } from "socket.io";
import { io as openClient, type ManagerOptions, type Socket as Client, type SocketOptions } from "socket.io-client";
import { openRaw, type Raw, type RawOptions } from "../support/raw.js";
import { insideSocket, type InsideSocket } from "./inside.js";
import { versions, type SocketIo } from "./versions.js";

export interface Served {
  io: Server;
  address: string;
  client: (namespace?: string, options?: Partial<ManagerOptions & SocketOptions>) => Client;
  raw: (options?: RawOptions) => Promise<Raw>;
}

export type Serve = (options?: Partial<ServerOptions>) => Promise<Served>;

const toClose: (() => unknown)[] = [];

/** Declares the same sentences for each version. */
export function contract(title: string, sentences: (serve: Serve, socketIo: SocketIo) => void): void {
  for (const { number, socketIo } of versions) {
    describe(`Socket.IO ${number}: ${title}`, () => {
      afterEach(closeEverything);
      sentences((options) => serve(socketIo, options), socketIo);
    });
  }
}

/** The next arguments of an event, on either side. */
export function heard(emitter: { once: (event: never, listener: never) => unknown }, event: string): Promise<unknown[]> {
  return new Promise((resolve) => {
    emitter.once(event as never, ((...args: unknown[]) => resolve(args)) as never);
  });
}

/** The server's side of the next connection of a namespace. */
export async function connection(namespace: { once(event: "connection", listener: (socket: Socket) => void): unknown }): Promise<Socket> {
  return new Promise((resolve) => namespace.once("connection", resolve));
}

/** Resolves once `count` things were given to `push`; they stay readable in `all`. */
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

/** A server with one raw client connected to its main namespace, and the server's side of it. */
export async function connected(serve: Serve): Promise<{ socket: Socket; inner: InsideSocket; attacker: Raw }> {
  const { io, raw } = await serve();
  const connecting = connection(io);
  const attacker = await raw();
  await attacker.connect();
  const socket = await connecting;
  return { socket, inner: insideSocket(socket), attacker };
}

/** Runs after what this moment already put on the event loop: ticks, microtasks, then one turn. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

export async function listen(web: WebServer): Promise<string> {
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  toClose.push(() => {
    web.close();
    web.closeAllConnections();
  });
  return `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
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
      opened.io.reconnection(false); // another namespace of it would else try for ever
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

// Last opened, first closed: clients before their server.
function closeEverything(): void {
  for (const close of toClose.splice(0).reverse()) close();
}
