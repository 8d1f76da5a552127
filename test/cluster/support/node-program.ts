// One node of a cluster, as a process of its own: a guarded server with a store and an adapter, which does what the test
// tells it over its channel, and writes down what it accepted and when.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { Server } from "socket.io";
import { guard, GuardError, jwt, signedIn, type Authenticator, type Guard, type RevocationTarget, type GuardStore } from "../../../lib/index.js";
import { obey } from "../../support/child.js";
import { adapterOf, storeOf, type AdapterPlace, type StorePlace } from "./places.js";

export interface NodeConfig {
  readonly secret: string;
  readonly store: StorePlace;
  readonly adapter?: AdapterPlace;
  readonly maxStaleness: number | string;
}

/** What became of `guarded.revoke`, and when. */
export interface Revoked {
  readonly calledAt: number;
  readonly settledAt: number;
  readonly code: string | undefined;
}

interface Claims {
  readonly sub: string;
}

let io: Server;
let guarded: Guard<Claims, Claims>;
/** Instants at which a handler ran, by subject. */
const accepted = new Map<string, number[]>();

let isCutOff = false;

/** Cut off, it hears nothing from its store any more. */
function cuttable({ revocations }: GuardStore): GuardStore {
  const silent = () => new Promise<never>(() => undefined);
  return {
    revocations: {
      append: (records) => isCutOff ? silent() : revocations!.append(records),
      since: (version) => isCutOff ? silent() : revocations!.since(version),
    },
  };
}

const commands = {
  async listen({ secret, store, adapter, maxStaleness }: NodeConfig): Promise<number> {
    const web = createServer();
    io = new Server(web, { transports: ["websocket"], ...(adapter !== undefined && { adapter: (await adapterOf(adapter)) as never }) });
    const authenticate = jwt({ keys: secret }) as unknown as Authenticator<Claims>;
    guarded = guard(io, { authenticate, events: { message: signedIn }, store: cuttable(await storeOf(store)), maxStaleness });
    io.on("connection", (socket) => {
      const { subject } = guarded.session(socket)!;
      socket.on("message", (answer: (at: number) => void) => {
        const at = Date.now();
        accepted.set(subject!, [...(accepted.get(subject!) ?? []), at]);
        answer(at);
      });
    });
    // In a cluster, workers would share a port.
    web.listen({ port: 0, host: "127.0.0.1", exclusive: true });
    await once(web, "listening");
    return (web.address() as AddressInfo).port;
  },

  async revoke(what: RevocationTarget): Promise<Revoked> {
    const calledAt = Date.now();
    const code = await guarded.revoke(what).then(() => undefined, (error: unknown) => {
      if (error instanceof GuardError) return error.code;
      throw error;
    });
    return { calledAt, settledAt: Date.now(), code };
  },

  toUser: ({ subject, text }: { readonly subject: string; readonly text: string }): void => guarded.toUser(subject).emit("news", text),

  disconnectUser: (subject: string): void => guarded.disconnectUser(subject),

  /** How many nodes the adapter knows of. */
  nodes: (): Promise<number> => (io.of("/").adapter as unknown as { serverCount(): Promise<number> }).serverCount(),

  accepted: (subject: string): readonly number[] => accepted.get(subject) ?? [],

  /** Says something to everybody here, over and over; it holds the instant at which it was said. */
  broadcast(every: number): void {
    setInterval(() => io.local.emit("news", Date.now()), every);
  },

  cutOff(is: boolean): void {
    isCutOff = is;
  },

  /** The adapter goes on, but hints get lost. */
  loseHints(): void {
    (io.of("/").adapter as unknown as { serverSideEmit(): Promise<void> }).serverSideEmit = () => Promise.resolve();
  },
};

export type Commands = typeof commands;
obey(commands);
