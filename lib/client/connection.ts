/** Connects the socket with a token, and reconnects it as the server's denials advise. */
import { isDenial, type Denial } from "../protocol.js";
import { stopwatch, type Alarm } from "./alarm.js";
import { adviceOf, backoff, DenialError } from "./denial.js";
import type { Credential } from "./credential.js";
import type { ClientConfig } from "./options.js";
import type { Listeners } from "./events.js";

/** The socket's `auth` function: socket.io-client calls it before each CONNECT. */
export interface Authenticate {
  (send: (auth: object) => void): void;
  /** What it sends besides the token: the other fields of the app's own `auth`. */
  fields?: object;
}

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
  timeout(ms: number): {
    emit(event: string, argument: unknown, onAnswer: (error: Error | null, answer?: unknown) => void): unknown;
    emitWithAck(event: string, ...args: readonly unknown[]): Promise<unknown>;
  };
}

/** The calls of `login()` that the server has not answered yet. */
export class PendingLogins {
  readonly #pending: [resolve: () => void, reject: (error: unknown) => void][] = [];

  add(): Promise<void> {
    return new Promise((...functions) => void this.#pending.push(functions));
  }

  resolve(): void {
    for (const [resolve] of this.#pending.splice(0)) resolve();
  }

  reject(error: unknown): void {
    for (const [, reject] of this.#pending.splice(0)) reject(error);
  }
}

export interface Parts extends ClientConfig {
  readonly socket: ClientSocket;
  readonly credential: Credential;
  readonly listeners: Listeners;
  /** Set to reconnect, or to renew the session while there is one. */
  readonly alarm: Alarm;
  readonly logins: PendingLogins;
  /** Aborted when the client is closed. */
  readonly closed: AbortSignal;
  /** For the rooms, which bundlers put into another file: with imports there, this one would be split as well. */
  readonly backoff: typeof backoff;
  readonly DenialError: typeof DenialError;
  readonly authOf: (token: string | null) => object;
  /** Sends an event and resolves with its answer. Throws a DenialError if the server denies it, or an Error if there is no answer in time. */
  readonly ask: (event: string, ...args: readonly unknown[]) => Promise<unknown>;
  /** The same for an event of the page: it waits for the server's limits if `waitForLimits` says so. */
  readonly send: Parts["ask"];
}

// After a session that lasted this long, the next failure counts as the first.
const stableAfter = 10_000;
// "At once" still waits a tenth of the first delay: the old transport has to close if several namespaces share it, and not all clients should come at the same time.
const atOnce = 0.1;

export class Connection {
  readonly #parts: Parts;
  #failures = 0;
  #attempt = 0;
  /** The transport on which a CONNECT waits for its answer. A second CONNECT there would open a second session. */
  #pendingOn: unknown;
  #sessionTime = (): number => 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { active, connected, io } = parts.socket;
    // The app's own CONNECT may be on its way already.
    if (active && !connected && io.engine?.readyState === "open") this.#pendingOn = io.engine;
  }

  readonly auth: Authenticate = (send) => {
    const { socket, credential, listeners, alarm, authOf } = this.#parts;
    const { engine } = socket.io;
    if (engine === this.#pendingOn && !this.#parts.closed.aborted) return;
    alarm.stop();
    if (listeners.state.status === "disconnected") listeners.setState("connecting");
    const attempt = (this.#attempt += 1);
    // Another attempt may have started in the meantime, or this one may have ended.
    const isCurrent = (): boolean => attempt === this.#attempt && socket.active && socket.io.engine === engine;
    credential.fetch().then((fetched) => {
      if (!isCurrent()) return;
      this.#pendingOn = engine;
      credential.inUse = fetched;
      send(authOf(fetched.token));
    }, (error: unknown) => {
      if (isCurrent() && !this.#parts.closed.aborted) this.#onTokenError(error);
    });
  };

  /** Connects now, even if a denial advised not to. */
  connect(): void {
    this.#failures = 0;
    this.#parts.listeners.setState("connecting");
    this.#parts.socket.connect();
  }

  onConnect(): void {
    this.#pendingOn = undefined;
    this.#sessionTime = stopwatch(this.#parts.time);
    this.#parts.alarm.stop();
  }

  /** `denial` is the one of `guard:bye`, if the server sent it. */
  onDisconnect(reason: string, denial: Denial | undefined): void {
    this.#pendingOn = undefined;
    this.#attempt += 1;
    if (this.#sessionTime() >= stableAfter) this.#failures = 0;
    if (reason === "io client disconnect") this.#stop(null);
    else if (denial) this.#followAdvice(denial);
    else if (!this.#isRetried()) this.end(null);
  }

  onError({ data }: { readonly data?: unknown }): void {
    if (this.#isRetried()) return;
    const { credential } = this.#parts;
    this.#pendingOn = undefined;
    const denial = isDenial(data) ? data : null;
    // The server accepts no guests, and a guest has no token to refresh.
    const isGuestRefused = denial?.reconnect === "refresh" && credential.inSync && credential.inUse.token === null;
    if (denial === null || isGuestRefused) this.end(denial);
    else this.#followAdvice(denial);
  }

  /** After its transport was lost or failed, a socket stays active: socket.io-client tries again by itself, unless `reconnection` is off. */
  #isRetried(): boolean {
    const { socket, listeners } = this.#parts;
    const isRetried = socket.active && socket.io.reconnection() !== false;
    if (isRetried) listeners.setState("reconnecting");
    return isRetried;
  }

  #followAdvice(denial: Denial): void {
    const { socket, credential } = this.#parts;
    // The transport may have closed before the DISCONNECT packet was read: then socket.io-client would reconnect on its own.
    if (socket.active) socket.disconnect();
    const advice = adviceOf(denial);
    if (advice !== "later") credential.clear();
    const factor = advice === "refresh" && this.#failures === 0 ? atOnce : 1;
    const reconnects = advice === "refresh" || advice === "later";
    this.end(denial, reconnects ? (denial.retryAfter ?? 0) + this.#nextDelay() * factor : null);
  }

  #onTokenError(error: unknown): void {
    const { socket, logins } = this.#parts;
    socket.disconnect();
    logins.reject(error);
    this.end(null, this.#nextDelay());
  }

  #nextDelay(): number {
    return backoff(this.#parts.time, this.#failures++);
  }

  /** The session ended or could not begin. The client reconnects after `delay` milliseconds; without a delay it does not. */
  end(denial: Denial | null, delay: number | null = null): void {
    const { socket, listeners, alarm } = this.#parts;
    const reconnectIn = socket.io.reconnection() === false ? null : delay;
    if (reconnectIn === null) this.#stop(denial);
    else {
      alarm.set(reconnectIn, () => void socket.connect());
      listeners.setState("reconnecting", denial, reconnectIn);
    }
    listeners.emit("ended", { denial, reconnectIn });
  }

  #stop(denial: Denial | null): void {
    const { listeners, logins } = this.#parts;
    listeners.setState("disconnected", denial);
    logins.reject(denial === null ? new Error("The socket is disconnected.") : new DenialError(denial));
  }
}
