// For tests of the client: a plain Socket.IO server that speaks the guard's protocol, and a clock that the test moves.
// A token is any string, and the test decides what the server thinks of it.
import { createServer } from "node:http";
import { Server, type Socket } from "socket.io";
import { io as openClient, type Socket as Client } from "socket.io-client";
import { guardClient, type SessionEnded, type GuardClientOptions, type GuardClient } from "../../../lib/client/index.js";
import type { Time } from "../../../lib/client/alarm.js";
import { byeEvent, denial, refreshEvent, sessionEvent, type Denial } from "../../../lib/protocol.js";
import { closeLater, listen, type ClientOptions } from "../../support/server.js";

export interface Auth {
  readonly token?: string;
}

/** A session of this many milliseconds, a session without an end (null), a denial, or no answer. */
export type Judgement = number | null | Denial | "silence";
export type Judge = (auth: Auth) => Judgement;

export class WireServer {
  readonly io: Server;
  readonly address: string;
  /** The auth objects of all CONNECTs and of all refreshes, in order. */
  readonly connects: Auth[] = [];
  readonly refreshes: Auth[] = [];
  /** Decides about an auth object. By default each token gets an hour, and guests are refused. */
  judge: Judge = ({ token }) => (token === undefined ? denial("token_missing") : 3_600_000);
  /** What session notices say besides. */
  notice: (socket: Socket) => object = () => ({});
  /** Decides about refreshes, if they are treated differently. */
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
    const notice = (expiresIn: number | null) => ({ subject: expiresIn === null ? null : "alice", expiresIn, expiresAt: expiresIn === null ? null : Date.now() + expiresIn, ...this.notice(socket) });
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

  /** Ends all sessions as the guard does: each socket gets guard:bye. */
  end(reason: Denial): void {
    for (const namespace of [this.io.of("/"), this.io.of("/other")]) namespace.emit(byeEvent, reason);
    for (const namespace of [this.io.of("/"), this.io.of("/other")]) namespace.disconnectSockets(true);
  }

  /** Closes the transports without a message. */
  breakTransports(): void {
    for (const { conn } of this.io.of("/").sockets.values()) conn.close();
  }

  /** Resolves once there have been this many. */
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

/** A clock that only moves when the test moves it. */
export class TestTime implements Time {
  now = 0;
  /** How far the wall clock is ahead of the steady one: because of sleep, or because the user changed it. */
  wallAhead = 0;
  chance = 0;
  readonly timers = new Map<number, { readonly at: number; readonly wait: number; readonly onTimeout: () => void }>();
  #last = 0;

  readonly Date = { now: (): number => 1e12 + this.now + this.wallAhead };
  readonly performance = { now: (): number => this.now };
  readonly Math = { random: (): number => this.chance };
  setTimeout = (onTimeout: () => void, wait: number): number => {
    this.timers.set((this.#last += 1), { at: this.now + wait, wait, onTimeout });
    return this.#last;
  };
  clearTimeout = (timer: unknown): void => void this.timers.delete(timer as number);

  /** Moves all clocks, and fires the timers that become due. */
  advance(by: number): void {
    const end = this.now + by;
    for (;;) {
      const next = [...this.timers].filter(([, { at }]) => at <= end).sort(([, one], [, other]) => one.at - other.at)[0];
      if (next === undefined) break;
      const [timer, { at, onTimeout }] = next;
      this.timers.delete(timer);
      this.now = Math.max(this.now, at);
      onTimeout();
    }
    this.now = end;
  }

  /** The machine sleeps: only the wall clock moves on. */
  sleep(by: number): void {
    this.wallAhead += by;
  }
}

export interface Harness {
  readonly socket: Client;
  readonly client: GuardClient<Record<string, (...args: unknown[]) => void>>;
  readonly time: TestTime;
  /** How often `getToken` was called. */
  readonly asked: () => number;
  readonly ended: SessionEnded[];
}

export interface Setting extends Partial<GuardClientOptions> {
  readonly namespace?: string;
  readonly socket?: ClientOptions;
}

/** Opens a socket with a guard client that has its own clock. Its tokens are `token 1`, `token 2` …, unless `getToken` is given. */
export function openGuardClient(server: { readonly address: string }, setting: Setting = {}): Harness {
  const { namespace = "/", socket: options, ...own } = setting;
  const socket = openClient(server.address + namespace, { forceNew: true, transports: ["websocket"], reconnectionDelay: 1, reconnectionDelayMax: 1, ...options });
  // Before guardClient(), which may throw: a socket that is left open looks for its server for ever.
  closeLater(() => {
    socket.io.reconnection(false);
    socket.disconnect();
  });
  const time = new TestTime();
  let count = 0;
  const getToken = own.getToken ?? (() => `token ${count}`);
  const client = guardClient(socket, { time, ...own, getToken: () => { count += 1; return getToken(); } }) as unknown as Harness["client"];
  const ended: SessionEnded[] = [];
  client.on("ended", (end) => void ended.push(end));
  closeLater(() => client.close());
  return { socket, client, time, asked: () => count, ended };
}

/** Resolves with the payload of the next event of this name. */
export function emitted<Payload = unknown>(client: Harness["client"], name: "session" | "denied" | "ended"): Promise<Payload> {
  return new Promise((resolve) => {
    const stop = client.on(name, (payload) => { stop(); resolve(payload as Payload); });
  });
}

/** A denial with a code that this version does not know. */
export const unknownDenial = { ...denial("forbidden"), code: "of_tomorrow" } as unknown as Denial;
