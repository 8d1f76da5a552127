// A guarded server on a free loopback port, and real clients. `closeEverything` closes all that a test opened, clients
// before their server.
import { createServer, type Server as WebServer } from "node:http";
import * as newest from "socket.io";
import type { DefaultEventsMap, Server, ServerOptions, Socket } from "socket.io";
import { io as openClient, type ManagerOptions, type Socket as Client, type SocketOptions } from "socket.io-client";
import { anyone, guard, jwt, keyRing, signedIn, type Authenticator, type Guard, type GuardOptions, type Jwt, type JwtClaims, type KeyRing } from "../../lib/index.js";
import { restoreClock, startClock, type TestClock } from "./clock.js";
import { openRaw, type Raw, type RawOptions } from "./raw.js";
import { listenOnNewPort } from "./ports.js";

export type SocketIo = typeof newest;
export type Claims = JwtClaims;
type Chain = Authenticator<Claims> | readonly Authenticator<Claims>[];
export type Options = Partial<GuardOptions<DefaultEventsMap, Chain, unknown>>;
export type ServerSocket = Socket;
export type { Client };

export interface Setting extends Options {
  /** The version of Socket.IO. @default the newest */
  readonly socketIo?: SocketIo;
  /** Options of the Socket.IO server. */
  readonly server?: Partial<ServerOptions>;
  /** Called with the server before it is guarded. */
  readonly before?: (io: Server) => void;
  /** The name of the cookie that may hold the token. */
  readonly cookie?: string;
}

export type ClientOptions = Partial<ManagerOptions & SocketOptions>;

export interface Served {
  readonly io: Server;
  readonly guarded: Guard<Claims, unknown>;
  readonly address: string;
  readonly tokens: Jwt<Claims>;
  /** Two keys, `first` and `second`. The first one signs. */
  readonly ring: KeyRing;
  /** Moves the time of the whole process. `closeEverything` sets it right again. */
  readonly clock: TestClock;
  /** A new token for alice, valid for an hour. */
  readonly token: (claims?: Record<string, unknown>) => string;
  /** Opens a client with its own connection. It sends a new token unless `auth` is given. */
  readonly connect: (namespace?: string, options?: ClientOptions) => Client;
  /** Connects a client, and returns it with its socket on the server. */
  readonly member: (namespace?: string, options?: ClientOptions) => Promise<{ client: Client; socket: ServerSocket }>;
  readonly raw: (options?: RawOptions) => Promise<Raw>;
  /** Connects a raw client with a new token, unless `auth` is given, and returns it with its socket on the server. */
  readonly rawMember: (namespace?: string, auth?: object) => Promise<{ raw: Raw; socket: ServerSocket }>;
}

/** The rules of most tests. */
export const someEvents = { hello: anyone, message: signedIn } as const;

const toClose: (() => unknown)[] = [];

/** For `afterEach`. */
export async function closeEverything(): Promise<void> {
  restoreClock();
  for (const close of toClose.splice(0).reverse()) await close();
}

export function closeLater(close: () => unknown): void {
  toClose.push(close);
}

export async function listen(web: WebServer): Promise<string> {
  return `http://127.0.0.1:${await listenOnNewPort(web)}`;
}

export const firstSecret = "the first secret of the tests, thirty-two bytes and more";

/** Creates the authenticator for a test's tokens, and its keys. */
export function makeTokens(cookie?: string): { tokens: Jwt<Claims>; ring: KeyRing } {
  const ring = keyRing([
    { kid: "first", secret: firstSecret },
    { kid: "second", secret: "the second secret of the tests, thirty-two bytes and more" },
  ]);
  const tokens = jwt({ keys: ring, ...(cookie !== undefined && { cookie }) }) as unknown as Jwt<Claims>;
  return { tokens, ring };
}

export async function serve(setting: Setting = {}): Promise<Served> {
  const { socketIo = newest, server, before, cookie, ...options } = setting;
  const { tokens, ring } = makeTokens(cookie);
  const clock = startClock();
  const web = createServer();
  // A client measures the time since the last ping by Date.now, which tests move.
  const io = new socketIo.Server(web, { pingTimeout: 7 * 86_400_000, ...server });
  before?.(io);
  const guarded = guard(io, { authenticate: tokens, events: someEvents, ...options } as GuardOptions<DefaultEventsMap, Chain, object>);
  const address = await listen(web);
  closeLater(() => io.close());

  const token = (claims: Record<string, unknown> = {}) => tokens.issue({ sub: "alice", ...claims } as unknown as Claims, { expiresIn: "1h" });

  function connect(namespace = "/", clientOptions: ClientOptions = {}): Client {
    const client = openClient(address + namespace, { forceNew: true, reconnection: false, transports: ["websocket"], auth: { token: token() }, ...clientOptions });
    closeLater(() => {
      // Else a reconnecting client would never stop.
      client.io.reconnection(false);
      client.disconnect();
    });
    return client;
  }

  async function member(namespace = "/", clientOptions?: ClientOptions) {
    const client = connect(namespace, clientOptions);
    await event(client, "guard:session");
    return { client, socket: socketOf(io, namespace, client.id!) };
  }

  async function raw(rawOptions?: RawOptions): Promise<Raw> {
    const opened = await openRaw(address, rawOptions);
    closeLater(() => opened.close());
    return opened;
  }

  async function rawMember(namespace = "/", auth: object = { token: token() }) {
    const attacker = await raw();
    const answer = await attacker.connect(namespace, auth);
    const id = /"sid":"([^"]+)"/.exec(answer)?.[1];
    if (id === undefined) throw new Error(`The client was refused: ${answer}`);
    await attacker.next((frame) => frame.includes("guard:session"));
    return { raw: attacker, socket: socketOf(io, namespace, id) };
  }

  return { io, guarded, address, tokens, ring, clock, token, connect, member, raw, rawMember };
}

interface Emitter {
  once(event: never, listener: never): unknown;
}

/** Resolves with the first argument of the next event of this name, on either side. */
export function event<Argument = unknown>(emitter: Emitter, name: string): Promise<Argument> {
  return new Promise((resolve) => emitter.once(name as never, resolve as never));
}

// It is looked up after the connection, because io.of would create the namespace.
function socketOf(io: Server, namespace: string, id: string): ServerSocket {
  return io.of(namespace).sockets.get(id)!;
}

/** The error of a refused handshake. `data` is the denial. */
export type Refusal = Error & { data?: { code: string; message: string } };

export async function refusal(client: Client): Promise<Refusal> {
  return Promise.race([
    event<Refusal>(client, "connect_error"),
    event(client, "connect").then(() => { throw new Error("The client was connected."); }),
  ]);
}

/** `full` resolves when `push` was called `count` times. `all` holds what it was called with. */
export function collector<Thing>(count: number): { all: Thing[]; push: (thing: Thing) => void; full: Promise<Thing[]> } {
  const all: Thing[] = [];
  let settle: (all: Thing[]) => void;
  const full = new Promise<Thing[]>((resolve) => { settle = resolve; });
  return { all, full, push: (thing) => { if (all.push(thing) === count) settle(all); } };
}

/** A promise and the function that resolves it. */
export function signal<Value = void>(): { promise: Promise<Value>; settle: (value: Value) => void } {
  let settle: (value: Value) => void = () => {};
  const promise = new Promise<Value>((resolve) => { settle = resolve; });
  return { promise, settle };
}

/** Resolves with the next uncaught error, which the test runner does not see. */
export function nextUncaught(): Promise<Error> {
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  return new Promise((resolve) => process.once("uncaughtException", (error) => {
    for (const listener of listeners) process.on("uncaughtException", listener);
    resolve(error);
  }));
}

/** Resolves on the next turn of the event loop. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

interface Inside {
  readonly _nsps: Map<string, { readonly _preConnectSockets: ReadonlyMap<string, unknown>; readonly sockets: ReadonlyMap<string, unknown> }>;
  readonly engine: { readonly clientsCount: number };
}

/** The names of all namespaces of a server. */
export const namespacesOf = (io: Server): string[] => [...(io as unknown as Inside)._nsps.keys()];

/** The number of open engine connections. */
export const connectionsOf = (io: Server): number => (io as unknown as Inside).engine.clientsCount;

/** The number of sockets of a namespace whose CONNECT is not answered yet. */
export const pendingIn = (io: Server, namespace = "/"): number => (io as unknown as Inside)._nsps.get(namespace)?._preConnectSockets.size ?? 0;
