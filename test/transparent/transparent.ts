// Runs one script against a bare Socket.IO server, against guarded ones that allow everything, and against some that only report. It expects the same
// observations from each: what differs by design is written down in docs/transparency.md, each with its test.
import { createServer, type Server as WebServer } from "node:http";
import { expect } from "chai";
import { afterEach, it } from "mocha";
import { Server, type ServerOptions, type Socket } from "socket.io";
import type { Socket as Client } from "socket.io-client";
import { closeEverything, closeLater, event, listen } from "../support/server.js";
import { clientsOf, guards, reportingGuards, type Guarding, type OpenClient } from "./guards.js";

export interface Stage {
  readonly io: Server;
  /** The HTTP server that Socket.IO is attached to. */
  readonly web: WebServer;
  readonly address: string;
  /** Undefined on a bare server. */
  readonly guarded: Guarding | undefined;
  readonly client: OpenClient;
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

/** Declares a test: under each guard, the script observes what it observes on a bare server. */
export function sameAsBare(sentence: string, script: Script, setting?: Setting): void {
  it(sentence, async () => {
    const bare = await observe(script, setting);
    expect(bare, "the script observes something").not.to.be.empty;
    for (const [name, guardServer] of Object.entries({ ...guards, ...reportingGuards })) expect(await observe(script, setting, guardServer), name).to.deep.equal(bare);
  });
}

/** Declares a test: the script observes one list on a bare server, and the other one on a guarded server. */
export function differsFromBare(sentence: string, script: Script, { bare, guarded }: { bare: unknown[]; guarded: unknown[] }, setting: Setting & { under?: keyof typeof guards } = {}): void {
  it(sentence, async () => {
    expect(await observe(script, setting), "bare").to.deep.equal(bare);
    expect(await observe(script, { ...setting, looksBare: true }, reportingGuards["nobody would be admitted, and no event allowed"]), "report mode").to.deep.equal(bare);
    expect(await observe(script, setting, guards[setting.under ?? "users are admitted by their token"]), "guarded").to.deep.equal(guarded);
  });
}

async function observe(script: Script, { server, before, after, looksBare = false }: Setting & { looksBare?: boolean } = {}, guardServer?: (io: Server) => Guarding): Promise<unknown[]> {
  const web = createServer();
  const io = new Server(web, server);
  before?.(io);
  const guarded = guardServer?.(io);
  if (guarded !== undefined) after?.(guarded);
  const address = await listen(web);
  closeLater(() => io.close());
  const observed: unknown[] = [];
  await script({ io, web, address, guarded: looksBare ? undefined : guarded, client: clientsOf(address), note: (...things) => observed.push(...things) });
  await closeEverything();
  return comparable(observed);
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
export async function join({ io, client }: Pick<Stage, "io" | "client">, namespace = "/", options?: Parameters<OpenClient>[1]) {
  const connection = event<Socket>(io.of(namespace), "connection");
  const opened = client(namespace, options);
  const [socket] = await Promise.all([connection, event(opened, "connect")]);
  return { client: opened, socket };
}

/** Settles when what either side sent until now has been handled by the other. */
export async function settled(client: Client): Promise<void> {
  await client.timeout(5_000).emitWithAck("settled");
}

afterEach(closeEverything);
