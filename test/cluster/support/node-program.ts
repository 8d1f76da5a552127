// One node of a cluster in its own process: a guarded server with a store and an adapter. It runs the test's commands, and
// records which events it accepted, and when.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { Server } from "socket.io";
import { every, guard, GuardError, jwt, signedIn, type Authenticator, type Duration, type Guard, type RevocationTarget, type GuardStore } from "../../../lib/index.js";
import { obey } from "../../support/child.js";
import { adapterOf, storeOf, type AdapterPlace, type StorePlace } from "./places.js";

export interface NodeConfig {
  readonly secret: string;
  readonly store: StorePlace;
  readonly adapter?: AdapterPlace;
  readonly maxStaleness: Duration;
}

/** The outcome of `guarded.revoke` or another order to all nodes. `code` is the code of its error. */
export interface Settled {
  readonly calledAt: number;
  readonly settledAt: number;
  readonly code: string | undefined;
}

interface Claims {
  readonly sub: string;
}

let io: Server;
let guarded: Guard<Claims, Claims>;
/** The instants of the verdicts on the events whose handler ran, by subject. */
const accepted = new Map<string, number[]>();

// A process may be stopped between a verdict and the handler. What counts is when the event was accepted.
let lastVerdictAt = 0;
const recordVerdict = () => {
  lastVerdictAt = Date.now();
  return true;
};

/** Whom the rule of the rooms does not let in: data of the host, of which the guard knows nothing. */
const banned = new Set<string>();

let isCutOff = false;

async function settle(order: () => Promise<void>): Promise<Settled> {
  const calledAt = Date.now();
  const code = await order().then(() => undefined, (error: unknown) => {
    if (error instanceof GuardError) return error.code;
    throw error;
  });
  return { calledAt, settledAt: Date.now(), code };
}

/** A store that never answers while `isCutOff` is set. */
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
    guarded = guard(io, {
      authenticate, store: cuttable(await storeOf(store)), maxStaleness, onStale: "silence",
      events: { message: every(signedIn, recordVerdict) },
      rooms: { "trial-$number": { join: ({ user }) => !banned.has(user.sub) } },
    });
    io.on("connection", (socket) => {
      const { subject } = guarded.session(socket)!;
      socket.on("message", (answer: (at: number) => void) => {
        accepted.set(subject!, [...(accepted.get(subject!) ?? []), lastVerdictAt]);
        answer(lastVerdictAt);
      });
    });
    // Without `exclusive`, the workers of a cluster would share the port.
    web.listen({ port: 0, host: "127.0.0.1", exclusive: true });
    await once(web, "listening");
    return (web.address() as AddressInfo).port;
  },

  revoke: (what: RevocationTarget): Promise<Settled> => settle(() => guarded.revoke(what)),

  evict: ({ room, subject }: { readonly room: string; readonly subject: string }): Promise<Settled> => settle(() => guarded.room(room).evict(subject)),

  userChanged: ({ subject }: { readonly subject: string }): Promise<Settled> => settle(() => guarded.userChanged(subject)),

  ban: (subject: string): void => void banned.add(subject),

  /** Sends the current time to each room that has members here, at this interval: to all nodes, and once more to this one, because an adapter that has lost its server sends nothing. */
  emitToRooms(every: number): void {
    const emit = (room: string) => {
      guarded.room(room).emit("news", Date.now());
      io.local.to(room).emit("guard:room", { room, event: "news", data: Date.now() });
    };
    setInterval(() => {
      for (const room of io.of("/").adapter.rooms.keys()) if (room.startsWith("trial-")) emit(room);
    }, every);
  },

  isReady: (): boolean => guarded.stats().ready,

  toUser: ({ subject, text }: { readonly subject: string; readonly text: string }): void => guarded.toUser(subject).emit("news", text),

  disconnectUser: (subject: string): void => guarded.disconnectUser(subject),

  /** The number of nodes that the adapter knows. */
  nodes: (): Promise<number> => (io.of("/").adapter as unknown as { serverCount(): Promise<number> }).serverCount(),

  accepted: (subject: string): readonly number[] => accepted.get(subject) ?? [],

  /** Sends the current time to all clients of this node, at this interval. */
  broadcast(every: number): void {
    setInterval(() => io.local.emit("news", Date.now()), every);
  },

  cutOff(is: boolean): void {
    isCutOff = is;
  },

  /** From now on, the adapter drops the guard's notifications to other nodes. */
  loseNotifications(): void {
    (io.of("/").adapter as unknown as { serverSideEmit(): Promise<void> }).serverSideEmit = () => Promise.resolve();
  },
};

export type Commands = typeof commands;
obey(commands);
