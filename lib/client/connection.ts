/** Brings a token to each connect, and does what a denial says about connecting again. */
import { isDenial, type Denial } from "../protocol.js";
import { Alarm } from "./alarm.js";
import { adviceOf, backoff } from "./backoff.js";
import type { Credential } from "./credential.js";
import { DenialError } from "./denial-error.js";
import type { Listeners } from "./listeners.js";
import type { Logins } from "./logins.js";
import { stopwatch, type Time } from "./time.js";
import type { Wire } from "./wire.js";

// A session that lasted this long was a success: the next denial is the first again.
const settled = 10_000;
// "At once" leaves the old transport the time to close, when several namespaces share it, and is not one moment for all clients.
const atOnce = 100;

export interface Parts {
  readonly socket: Wire;
  readonly credential: Credential;
  readonly listeners: Listeners;
  readonly logins: Logins;
  readonly time: Time;
  readonly authOf: (token: string | null) => object;
  readonly ackTimeout: number;
}

export class Connection {
  readonly #parts: Parts;
  readonly alarm: Alarm;
  /** What ended it for good. */
  over: Denial | undefined;
  #failed = 0;
  #asked = 0;
  /** The transport on which a CONNECT waits for its answer: a second one there would be a second session. */
  #pendingOn: unknown;
  #lasted: (() => number) | undefined;
  #closed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.alarm = new Alarm(parts.time);
    const { active, connected, io } = parts.socket;
    // The socket's own CONNECT is on its way already.
    if (active && !connected && io.engine?.readyState === "open") this.#pendingOn = io.engine;
  }

  /** The socket's `auth`. */
  readonly authenticate = (send: (auth: object) => void): void => {
    const { socket, credential, authOf } = this.#parts;
    const { engine } = socket.io;
    if (engine === this.#pendingOn && !this.#closed) return;
    this.alarm.stop();
    this.over = undefined;
    const asked = (this.#asked += 1);
    // Another connect may have begun meanwhile, or this one may be over.
    const isCurrent = (): boolean => asked === this.#asked && socket.active && socket.io.engine === engine;
    credential.fetch().then((fetched) => {
      if (!isCurrent()) return;
      this.#pendingOn = engine;
      credential.use(fetched);
      send(authOf(fetched.token));
    }, (error: unknown) => {
      if (isCurrent() && !this.#closed) this.#hasNoToken(error);
    });
  };

  /** Connects now, whatever was said before. */
  open(): void {
    this.#failed = 0;
    this.over = undefined;
    this.#parts.socket.connect();
  }

  connected(): void {
    this.#pendingOn = undefined;
    this.#lasted = stopwatch(this.#parts.time);
    this.alarm.stop();
  }

  /** The socket is down, with the denial of its `guard:bye` if there was one. */
  disconnected(reason: string, bye: Denial | undefined): void {
    this.#pendingOn = undefined;
    this.#asked += 1;
    if (this.#lasted !== undefined && this.#lasted() >= settled) this.#failed = 0;
    this.#lasted = undefined;
    if (reason === "io client disconnect") this.#parts.logins.fail(new Error("The socket was disconnected."));
    else if (bye !== undefined) this.#follow(bye);
    else if (reason === "io server disconnect") this.#stop(undefined);
    // All else is a lost transport, which socket.io-client brings back.
  }

  refused(error: { readonly data?: unknown }): void {
    // The transport's errors leave the socket active: it is tried again, unless that is turned off.
    const { socket, credential } = this.#parts;
    if (socket.active && socket.io.reconnection() !== false) return;
    this.#pendingOn = undefined;
    const denial = isDenial(error.data) ? error.data : undefined;
    // There are no guests here, and a guest has no token to come back with.
    const isUnwanted = denial?.reconnect === "refresh" && credential.isKnown && credential.used?.token === null;
    if (denial === undefined || isUnwanted) this.#stop(denial);
    else this.#follow(denial);
  }

  /** socket.io-client tries no more. */
  readonly lost = (): void => this.#stop(undefined);

  close(): void {
    this.#closed = true;
    this.alarm.stop();
  }

  #follow(denial: Denial): void {
    const { socket, credential, time } = this.#parts;
    // The transport may have closed before the DISCONNECT was read: socket.io-client would come back as if nothing was said.
    if (socket.active) socket.disconnect();
    const advice = adviceOf(denial);
    if (advice !== "later") credential.spend();
    const comesBack = (advice === "refresh" || advice === "later") && socket.io.reconnection() !== false;
    if (!comesBack) this.#stop(denial);
    else if (advice === "refresh" && this.#failed === 0) this.#again(denial, atOnce * (0.5 + time.random() / 2));
    else this.#again(denial, (denial.retryAfter ?? 0) + this.#backoff());
  }

  #hasNoToken(error: unknown): void {
    const { socket, logins } = this.#parts;
    socket.disconnect();
    logins.fail(error);
    if (socket.io.reconnection() === false) this.#stop(undefined);
    else this.#again(null, this.#backoff());
  }

  #backoff(): number {
    return backoff(this.#failed, this.#parts.time.random());
  }

  #again(denial: Denial | null, wait: number): void {
    const { socket, listeners } = this.#parts;
    this.#failed += 1;
    this.alarm.set(wait, () => void socket.connect());
    listeners.tell("ended", { denial, reconnectIn: wait });
  }

  #stop(denial: Denial | undefined): void {
    const { logins, listeners } = this.#parts;
    this.over = denial;
    logins.fail(denial === undefined ? new Error("The server cannot be reached, or disconnected the socket.") : new DenialError(denial));
    listeners.tell("ended", { denial: denial ?? null, reconnectIn: null });
  }
}
