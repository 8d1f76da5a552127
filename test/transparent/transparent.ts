// Runs one script against a bare Socket.IO server and against guarded ones that allow everything, and expects the same
// observations from each. What differs by design is written down in docs/transparency.md, each with its test.
import { createServer, type Server as WebServer } from "node:http";
import { expect } from "chai";
import { afterEach, it } from "mocha";
import { Server, type ServerOptions, type Socket } from "socket.io";
import { io as openClient, type ManagerOptions, type Socket as Client, type SocketOptions } from "socket.io-client";
import { anonymous, anyone, guard, jwt, type Anyone, type Authenticator } from "../../lib/index.js";
import { closeEverything, closeLater, event, firstSecret, listen } from "../support/server.js";

/** What the scripts use of a guard. */
export interface Guarding {
  of(namespace: string, options: { authenticate: Authenticator<never>; events: Record<string, Anyone> }): unknown;
}

export interface Stage {
  readonly io: Server;
  /** The HTTP server that Socket.IO is attached to. */
  readonly web: WebServer;
  readonly address: string;
  /** Undefined on a bare server. */
  readonly guarded: Guarding | undefined;
  /** A client of its own connection, unless the options say otherwise. It always sends a valid token. */
  readonly client: (namespace?: string, options?: Partial<ManagerOptions & SocketOptions>) => Client;
  /** Writes down what happened. Ids of sockets are replaced with their number, so that two runs can be compared. */
  readonly note: (...things: unknown[]) => void;
}

export type Script = (stage: Stage) => unknown;

export interface Setting {
  /** Options of the Socket.IO server. */
  readonly server?: Partial<ServerOptions>;
  /** Called before the server is guarded. */
  readonly before?: (io: Server) => void;
  /** Called after the server was guarded, if it is. */
  readonly after?: (guarded: Guarding) => void;
}

const tokens = jwt({ keys: firstSecret });

/** Guards that allow everything: guests, users, and users whose every event waits for an asynchronous check. */
const guards = {
  "guests are admitted": (io) => guard(io, { authenticate: anonymous(), events: {}, undeclared: anyone }),
  "users are admitted by their token": (io) => guard(io, { authenticate: tokens, events: {}, undeclared: anyone }),
  "each event waits for an asynchronous check": (io) => guard(io, { authenticate: tokens, events: {}, undeclared: () => Promise.resolve(true) }),
} satisfies Record<string, (io: Server) => Guarding>;

/** Declares a test: under each guard, the script observes what it observes on a bare server. */
export function sameAsBare(sentence: string, script: Script, setting?: Setting): void {
  it(sentence, async () => {
    const bare = await observe(script, setting);
    expect(bare, "the script observes something").not.to.be.empty;
    for (const [name, guardServer] of Object.entries(guards)) expect(await observe(script, setting, guardServer), name).to.deep.equal(bare);
  });
}

/** Declares a test: the script observes one list on a bare server, and the other one on a guarded server. */
export function differsFromBare(sentence: string, script: Script, { bare, guarded }: { bare: unknown[]; guarded: unknown[] }, setting: Setting & { under?: keyof typeof guards } = {}): void {
  it(sentence, async () => {
    expect(await observe(script, setting), "bare").to.deep.equal(bare);
    expect(await observe(script, setting, guards[setting.under ?? "users are admitted by their token"]), "guarded").to.deep.equal(guarded);
  });
}

async function observe(script: Script, { server, before, after }: Setting = {}, guardServer?: (io: Server) => Guarding): Promise<unknown[]> {
  const web = createServer();
  const io = new Server(web, server);
  before?.(io);
  const guarded = guardServer?.(io);
  if (guarded !== undefined) after?.(guarded);
  const address = await listen(web);
  closeLater(() => io.close());
  const observed: unknown[] = [];
  await script({ io, web, address, guarded, client: clientsOf(address), note: (...things) => observed.push(...things) });
  await closeEverything();
  return comparable(observed);
}

/** A token of alice's, which the guarded servers accept. */
export const token = tokens.issue({ sub: "alice" }, { expiresIn: "1h" });

function clientsOf(address: string): Stage["client"] {
  return (namespace = "/", { auth, ...options } = {}) => {
    const client = openClient(address + namespace, { forceNew: true, reconnection: false, transports: ["websocket"], auth: { token, ...auth as object }, ...options });
    closeLater(() => {
      client.io.reconnection(false);
      client.disconnect();
    });
    return client;
  };
}

/** A deep copy that replaces each id of a socket with its number, in the order in which they were noted. */
function comparable(observed: unknown[]): unknown[] {
  const numbers = new Map<string, string>();
  const copy = (thing: unknown): unknown => {
    if (typeof thing === "string" && /^[\w-]{20}$/.test(thing)) {
      if (!numbers.has(thing)) numbers.set(thing, `socket ${numbers.size + 1}`);
      return numbers.get(thing);
    }
    if (thing instanceof Error) return { error: thing.message, ...copy({ ...thing }) as object };
    if (thing instanceof Set) return [...thing].map(copy);
    if (Buffer.isBuffer(thing) || typeof thing !== "object" || thing === null) return thing;
    if (Array.isArray(thing)) return thing.map(copy);
    return Object.fromEntries(Object.entries(thing).map(([key, value]) => [key, copy(value)]));
  };
  return observed.map(copy);
}

/** A connected client, and its socket on the server. Both have heard everything that connecting brings. */
export async function join({ io, client }: Pick<Stage, "io" | "client">, namespace = "/", options?: Partial<ManagerOptions & SocketOptions>) {
  const connection = event<Socket>(io.of(namespace), "connection");
  const opened = client(namespace, options);
  const [socket] = await Promise.all([connection, event(opened, "connect")]);
  return { client: opened, socket };
}

/** A socket's data without `user`, which the guard puts there. */
export function dataOf({ data }: Pick<Socket, "data">): unknown {
  const { user, ...own } = data as Record<string, unknown>;
  return own;
}

/** Settles when what either side sent until now has been handled by the other. */
export async function settled(client: Client): Promise<void> {
  await client.timeout(5_000).emitWithAck("settled");
}

afterEach(closeEverything);
