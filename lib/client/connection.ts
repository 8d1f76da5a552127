/** Connects the socket with a token, and reconnects it as the server's denials advise. */
import { isDenial, type Denial } from "../protocol.js";
import { Alarm, stopwatch, type Time } from "./alarm.js";
import { adviceOf, backoff, DenialError } from "./denial.js";
import type { Credential } from "./credential.js";
import type { Listeners } from "./events.js";

export type Authenticate = (send: (auth: object) => void) => void;

/** The part of socket.io-client's Socket that the client uses, without its event types. */
export interface ClientSocket {
  readonly connected: boolean;
  /** Whether socket.io-client reconnects it. */
  readonly active: boolean;
  readonly io: {
    readonly engine: { readonly readyState: string } | undefined;
    reconnection(): boolean | undefined;
    on(event: "reconnect_failed", listener: () => void): unknown;
    off(event: "reconnect_failed", listener: () => void): unknown;
  };
  auth: object | Authenticate | undefined;
  sendBuffer: { readonly data: readonly unknown[] }[];
  connect(): unknown;
  disconnect(): unknown;
  on(event: string, listener: (payload: never) => void): unknown;
  off(event: string, listener: (payload: never) => void): unknown;
  timeout(ms: number): { emitWithAck(event: string, ...args: readonly unknown[]): Promise<unknown> };
}

/** The calls of `login()` that the server has not answered yet. */
export class PendingLogins {
  readonly #pending: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];

  add(): Promise<void> {
    return new Promise((resolve, reject) => void this.#pending.push({ resolve, reject }));
  }

  resolve(): void {
    for (const { resolve } of this.#pending.splice(0)) resolve();
  }

  reject(error: unknown): void {
    for (const { reject } of this.#pending.splice(0)) reject(error);
  }
}

export interface Parts {
  readonly socket: ClientSocket;
  readonly credential: Credential;
  readonly listeners: Listeners;
  readonly logins: PendingLogins;
  readonly time: Time;
  readonly authOf: (token: string | null) => object;
  /** Sends an event and resolves with its answer. Throws a DenialError if the server denies it, or an Error if there is no answer in time. */
  readonly ask: (event: string, ...args: readonly unknown[]) => Promise<unknown>;
}

// After a session that lasted this long, the next failure counts as the first.
const stableAfter = 10_000;
// "At once" still waits a moment: the old transport has to close if several namespaces share it, and not all clients should come at the same time.
const immediateDelay = 100;

export class Connection {
  readonly #parts: Parts;
  readonly alarm: Alarm;
  /** The denial that ended the session for good. */
  endedWith: Denial | undefined;
  #failures = 0;
  #attempt = 0;
  /** The transport on which a CONNECT waits for its answer. A second CONNECT there would open a second session. */
  #pendingOn: unknown;
  #sessionTime: (() => number) | undefined;
  #isClosed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.alarm = new Alarm(parts.time);
    const { active, connected, io } = parts.socket;
    // The app's own CONNECT may be on its way already.
    if (active && !connected && io.engine?.readyState === "open") this.#pendingOn = io.engine;
  }

  /** The socket's `auth` function: socket.io-client calls it before each CONNECT. */
  readonly authenticate: Authenticate = (send) => {
    const { socket, credential, authOf } = this.#parts;
    const { engine } = socket.io;
    if (engine === this.#pendingOn && !this.#isClosed) return;
    this.alarm.stop();
    this.endedWith = undefined;
    const attempt = (this.#attempt += 1);
    // Another attempt may have started in the meantime, or this one may have ended.
    const isCurrent = (): boolean => attempt === this.#attempt && socket.active && socket.io.engine === engine;
    credential.fetchToken().then((fetched) => {
      if (!isCurrent()) return;
      this.#pendingOn = engine;
      credential.inUse = fetched;
      send(authOf(fetched.token));
    }, (error: unknown) => {
      if (isCurrent() && !this.#isClosed) this.#onTokenError(error);
    });
  };

  /** Connects now, even if a denial advised not to. */
  connect(): void {
    this.#failures = 0;
    this.endedWith = undefined;
    this.#parts.socket.connect();
  }

  onConnect(): void {
    this.#pendingOn = undefined;
    this.#sessionTime = stopwatch(this.#parts.time);
    this.alarm.stop();
  }

  /** `denial` is the one of `guard:bye`, if the server sent it. */
  onDisconnect(reason: string, denial: Denial | undefined): void {
    this.#pendingOn = undefined;
    this.#attempt += 1;
    if (this.#sessionTime !== undefined && this.#sessionTime() >= stableAfter) this.#failures = 0;
    this.#sessionTime = undefined;
    if (reason === "io client disconnect") this.#parts.logins.reject(new Error("The socket was disconnected."));
    else if (denial !== undefined) this.#followAdvice(denial);
    else if (reason === "io server disconnect") this.#end(undefined);
    // Otherwise the transport was lost: socket.io-client reconnects by itself.
  }

  onConnectError({ data }: { readonly data?: unknown }): void {
    const { socket, credential } = this.#parts;
    // After an error of the transport the socket stays active: socket.io-client tries again, unless `reconnection` is off.
    if (socket.active && socket.io.reconnection() !== false) return;
    this.#pendingOn = undefined;
    const denial = isDenial(data) ? data : undefined;
    // The server accepts no guests, and a guest has no token to refresh.
    const isGuestRefused = denial?.reconnect === "refresh" && credential.isInSync && credential.inUse?.token === null;
    if (denial === undefined || isGuestRefused) this.#end(denial);
    else this.#followAdvice(denial);
  }

  /** socket.io-client has given up. */
  readonly onReconnectFailed = (): void => this.#end(undefined);

  close(): void {
    this.#isClosed = true;
    this.alarm.stop();
  }

  #followAdvice(denial: Denial): void {
    const { socket, credential, time } = this.#parts;
    // The transport may have closed before the DISCONNECT packet was read: then socket.io-client would reconnect on its own.
    if (socket.active) socket.disconnect();
    const advice = adviceOf(denial);
    if (advice !== "later") credential.clearGivenToken();
    const reconnects = (advice === "refresh" || advice === "later") && socket.io.reconnection() !== false;
    if (!reconnects) this.#end(denial);
    else if (advice === "refresh" && this.#failures === 0) this.#scheduleReconnect(denial, immediateDelay * (0.5 + time.random() / 2));
    else this.#scheduleReconnect(denial, (denial.retryAfter ?? 0) + this.#backoff());
  }

  #onTokenError(error: unknown): void {
    const { socket, logins } = this.#parts;
    socket.disconnect();
    logins.reject(error);
    if (socket.io.reconnection() === false) this.#end(undefined);
    else this.#scheduleReconnect(null, this.#backoff());
  }

  #backoff(): number {
    return backoff(this.#failures, this.#parts.time.random());
  }

  #scheduleReconnect(denial: Denial | null, delay: number): void {
    const { socket, listeners } = this.#parts;
    this.#failures += 1;
    this.alarm.set(delay, () => void socket.connect());
    listeners.emit("ended", { denial, reconnectIn: delay });
  }

  #end(denial: Denial | undefined): void {
    const { logins, listeners } = this.#parts;
    this.endedWith = denial;
    logins.reject(denial === undefined ? new Error("The server cannot be reached, or it disconnected the socket.") : new DenialError(denial));
    listeners.emit("ended", { denial: denial ?? null, reconnectIn: null });
  }
}
