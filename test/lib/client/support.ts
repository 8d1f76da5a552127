// A plain Socket.IO server that speaks the guard's wire, and a clock that tests move: what the client's half is tried on.
// A token is any word; what the server thinks of it is the test's to say.
import { createServer } from "node:http";
import { Server, type Socket } from "socket.io";
import { io as openClient, type Socket as Client } from "socket.io-client";
import { guardClient, type Ended, type GuardClientOptions, type GuardClient } from "../../../lib/client/index.js";
import type { Time } from "../../../lib/client/time.js";
import { byeEvent, denial, refreshEvent, sessionEvent, type Denial } from "../../../lib/protocol.js";
import { closeLater, listen, type ClientOptions } from "../../support/server.js";

export interface Auth {
  readonly token?: string;
}

/** A session of this many milliseconds, one without an end, a denial, or no answer at all. */
export type Judgement = number | null | Denial | "silence";
export type Judge = (auth: Auth) => Judgement;

export class WireServer {
  readonly io: Server;
  readonly address: string;
  /** The auth objects of all CONNECTs and of all refreshes, in their order. */
  readonly connects: Auth[] = [];
  readonly refreshes: Auth[] = [];
  /** What the server thinks of an auth object: an hour, but of no guests. */
  judge: Judge = ({ token }) => (token === undefined ? denial("token_missing") : 3_600_000);
  /** The same for refreshes, where it is another. */
  judgeRefresh: Judge | undefined;
  #watchers: (() => void)[] = [];

  constructor(io: Server, address: string) {
    this.io = io;
    this.address = address;
    for (const namespace of [io.of("/"), io.of("/other")]) {
      namespace.use((socket, next) => {
        const auth = socket.handshake.auth as Auth;
        this.connects.push(auth);
        const judged = this.judge(auth);
        this.#changed();
        if (judged === "silence") return;
        if (typeof judged === "object" && judged !== null) return next(Object.assign(new Error(judged.message), { data: judged }));
        socket.data = judged;
        next();
      });
      namespace.on("connection", (socket) => this.#serve(socket));
    }
  }

  #serve(socket: Socket): void {
    const notice = (expiresIn: number | null) => ({ expiresIn, expiresAt: expiresIn === null ? null : Date.now() + expiresIn });
    socket.emit(sessionEvent, notice(socket.data as number | null));
    socket.on(refreshEvent, (auth: Auth, answer: (given: unknown) => void) => {
      this.refreshes.push(auth);
      const judged = (this.judgeRefresh ?? this.judge)(auth);
      this.#changed();
      if (judged === "silence") return;
      if (typeof judged === "object" && judged !== null) {
        if (judged.code === "subject_changed") this.end(judged);
        return answer({ error: judged });
      }
      socket.emit(sessionEvent, notice(judged));
      answer(notice(judged));
    });
    socket.on("ask", (answer: (given: unknown) => void) => answer("the answer"));
    socket.on("deny", (answer: (given: unknown) => void) => answer({ error: denial("forbidden", { event: "deny" }) }));
    socket.on("never", () => undefined);
  }

  /** Ends all sessions, as the guard does: each socket of a connection hears why. */
  end(reason: Denial): void {
    for (const namespace of [this.io.of("/"), this.io.of("/other")]) namespace.emit(byeEvent, reason);
    for (const namespace of [this.io.of("/"), this.io.of("/other")]) namespace.disconnectSockets(true);
  }

  /** The transports break, without a word. */
  breakTransports(): void {
    for (const { conn } of this.io.of("/").sockets.values()) conn.close();
  }

  /** Settles when there were so many. */
  async seen(what: "connects" | "refreshes", count: number): Promise<Auth[]> {
    while (this[what].length < count) await new Promise<void>((resolve) => this.#watchers.push(resolve));
    return this[what];
  }

  #changed(): void {
    for (const watcher of this.#watchers.splice(0)) watcher();
  }
}

export async function wireServer(judge?: Judge): Promise<WireServer> {
  const web = createServer();
  const io = new Server(web);
  const address = await listen(web);
  closeLater(() => io.close());
  const server = new WireServer(io, address);
  if (judge !== undefined) server.judge = judge;
  return server;
}

/** A clock that moves when a test says so. */
export class TestTime implements Time {
  now = 0;
  /** How far the wall clock is ahead of the steady one: by the machine's sleep, or because somebody set it. */
  wallAhead = 0;
  chance = 0;
  readonly timers = new Map<number, { readonly at: number; readonly wait: number; readonly ring: () => void }>();
  #last = 0;

  wall = (): number => 1e12 + this.now + this.wallAhead;
  steady = (): number => this.now;
  random = (): number => this.chance;
  set = (ring: () => void, wait: number): number => {
    this.timers.set((this.#last += 1), { at: this.now + wait, wait, ring });
    return this.#last;
  };
  clear = (timer: unknown): void => void this.timers.delete(timer as number);

  /** Moves all clocks, and rings what falls due on the way. */
  advance(by: number): void {
    const end = this.now + by;
    for (;;) {
      const next = [...this.timers].filter(([, { at }]) => at <= end).sort(([, one], [, other]) => one.at - other.at)[0];
      if (next === undefined) break;
      const [timer, { at, ring }] = next;
      this.timers.delete(timer);
      this.now = Math.max(this.now, at);
      ring();
    }
    this.now = end;
  }

  /** The machine sleeps: the wall clock goes on, steady clock and timers do not. */
  sleep(by: number): void {
    this.wallAhead += by;
  }
}

export interface Harness {
  readonly client: Client;
  readonly guarded: GuardClient<Record<string, (...args: unknown[]) => void>>;
  readonly time: TestTime;
  /** How often `getToken` was asked. */
  readonly asked: () => number;
  readonly ended: Ended[];
}

export interface Setting extends Partial<GuardClientOptions> {
  readonly namespace?: string;
  readonly client?: ClientOptions;
}

/** A guarded client with a clock of its own; its tokens are `token 1`, `token 2` …, unless `getToken` is given. */
export function guardedClient(server: { readonly address: string }, setting: Setting = {}): Harness {
  const { namespace = "/", client: options, ...own } = setting;
  const client = openClient(server.address + namespace, { forceNew: true, transports: ["websocket"], reconnectionDelay: 1, reconnectionDelayMax: 1, ...options });
  const time = new TestTime();
  let count = 0;
  const getToken = own.getToken ?? (() => `token ${count}`);
  const guarded = guardClient(client, { time, ...own, getToken: () => { count += 1; return getToken(); } }) as unknown as Harness["guarded"];
  const ended: Ended[] = [];
  guarded.on("ended", (told) => void ended.push(told));
  closeLater(() => {
    guarded.close();
    client.io.reconnection(false);
    client.disconnect();
  });
  return { client, guarded, time, asked: () => count, ended };
}

/** What the client is told next. */
export function told<Told = unknown>(guarded: Harness["guarded"], name: "session" | "denied" | "ended"): Promise<Told> {
  return new Promise((resolve) => {
    const stop = guarded.on(name, (what) => { stop(); resolve(what as Told); });
  });
}

/** A denial that the server's table does not have. */
export const unknownDenial = { ...denial("forbidden"), code: "of_tomorrow" } as unknown as Denial;
