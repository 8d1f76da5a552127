/**
 * What one connection sends. Its packets are handled for some milliseconds in a turn of the event loop, then those of other
 * connections get theirs. All answers to them leave in one write.
 */
import { AsyncResource } from "node:async_hooks";
import type { Refusal } from "../refusal.js";
import { cork, uncork } from "./cork.js";
import type { ClientInternals, Wire } from "./internals.js";
import { spoilLargeAndDeep } from "./large-messages.js";
import { Body } from "./post-body.js";
import { canPause, Pause } from "./reading-pause.js";

// How many messages are decoded in one go. Decoding one takes some microseconds, and handling it about as long.
const maxDecoded = 64;
// A longer message counts as several: one for each of so many characters.
const lengthOfOne = 256;
// How long connections that send too fast are served in one turn, in milliseconds.
const turnTime = 5;

/** Since when this turn of the event loop serves such connections. Node reads a socket many times in one turn, and may read all of them. */
let turnStart: number | undefined;

/** Each serves a connection that has more to handle. One of them is called in each turn of the event loop. */
const waiting: (() => void)[] = [];

export interface IncomingOptions {
  /** Stands between the engine and the decoder from here on. It calls `receive`. */
  readonly onData: (message: unknown) => void;
  /** Listens to "close" in place of Socket.IO from here on. It calls `closed`. */
  readonly onClose: (...why: unknown[]) => void;
  /** Why a message is not decoded. Undefined in report mode: then all are. */
  readonly refusalOf: ((message: unknown) => Refusal | undefined) | undefined;
  /** Called with a message that is not decoded. */
  readonly onRefused: (client: ClientInternals, message: unknown, reason: Refusal) => void;
}

export class Incoming {
  readonly client: ClientInternals;
  readonly #options: IncomingOptions;
  #decoded = 0;
  #isHandling = false;
  /** A message that is read from the body of a POST comes back by way of the engine, and is decoded at once. */
  #isReadingBody = false;
  #wire: Wire | undefined = undefined;
  /** What came too fast. Undefined most of the time, so that a connection costs little memory. */
  #backlog: Backlog | undefined = undefined;

  constructor(client: ClientInternals, options: IncomingOptions) {
    this.client = client;
    this.#options = options;
    const { conn } = client;
    conn.off("packet", spoilLargeAndDeep);
    conn.off("data", client.ondata);
    client.ondata = options.onData;
    conn.on("data", client.ondata);
    // Both are taken off first, so that Node forgets its list for three: it would take 140 bytes more of each connection.
    conn.off("close", client.onclose).off("close", options.onClose).on("close", options.onClose);
  }

  receive(message: unknown): void {
    const { refusalOf, onRefused } = this.#options;
    const refusal = refusalOf?.(message);
    if (refusal !== undefined) return onRefused(this.client, message, refusal);
    if (this.#isReadingBody) this.#decode(message);
    else if (this.#backlog?.isEmpty === false || (this.#decoded >= maxDecoded && canPause(this.client.conn.transport))) this.wait(message);
    else this.#decode(message);
  }

  /** The connection has closed. Its sockets are told, but not before all that it has sent is handled. */
  closed(why: unknown[]): void {
    const pause = this.#backlog?.pause;
    if (pause === undefined) this.client.onclose(...why);
    else pause.closed(why);
  }

  /** A message, or the body of a POST, gets its turn after what has come before. */
  wait(next: unknown): void {
    this.#backlog ??= new Backlog();
    if (this.#backlog.isEmpty) {
      this.#backlog.turnStart = startOfTurn();
      process.nextTick(beginHandling, this);
    }
    this.#backlog.messages.push(next);
    this.#backlog.pause?.followUpgrade();
  }

  /**
   * Called before a packet is handled. Socket.IO handles each packet that it has decoded in a tick of its own: the tick that
   * is queued here comes after the last of them.
   */
  packetArrives(): void {
    // Most packets come alone: then there is nothing to put together.
    if (this.#decoded > 1) this.beginHandling();
    else this.#decoded = 0;
  }

  beginHandling(): void {
    if (this.#isHandling) return;
    this.#isHandling = true;
    this.#wire = cork(this.client.conn);
    process.nextTick(endHandling, this);
  }

  endHandling(): void {
    this.#isHandling = false;
    this.#decoded = 0;
    const wire = this.#wire;
    this.#wire = undefined;
    try {
      if (wire !== undefined) uncork(this.client.conn, wire);
    } finally {
      if (this.#backlog !== undefined) this.#continue(this.#backlog);
    }
  }

  #continue(backlog: Backlog): void {
    if (backlog.isEmpty) {
      this.#backlog = undefined;
      backlog.pause?.end();
    } else if (performance.now() - backlog.turnStart < turnTime) {
      this.#handleMore(backlog);
    } else {
      backlog.pause ??= new Pause(this.client);
      // Handlers find the AsyncLocalStorage of their own client, and not that of the client that was served before.
      if (waiting.push(AsyncResource.bind(() => this.#serve())) === 1) setImmediate(serveNext);
    }
  }

  /** Handles more of what waits, for another turn. */
  #serve(): void {
    const backlog = this.#backlog;
    if (backlog === undefined) return;
    backlog.turnStart = performance.now();
    this.#handleMore(backlog);
  }

  #handleMore(backlog: Backlog): void {
    this.#decoded = 0;
    while (this.#decoded < maxDecoded && backlog.next < backlog.messages.length && this.#isOpen) this.#handleNext(backlog);
    if (backlog.next === backlog.messages.length || !this.#isOpen) backlog.empty();
    process.nextTick(beginHandling, this);
  }

  #handleNext(backlog: Backlog): void {
    const next = backlog.messages[backlog.next];
    if (next instanceof Body) this.#readOne(next);
    else this.#decode(next);
    if (!(next instanceof Body) || next.isRead) backlog.next += 1;
  }

  #readOne(body: Body): void {
    const before = this.#decoded;
    this.#isReadingBody = true;
    try {
      body.readOne((message) => this.receive(message));
    } finally {
      this.#isReadingBody = false;
    }
    // It was no message, or one that is refused.
    if (this.#decoded === before) this.#decoded += 1;
  }

  #decode(message: unknown): void {
    this.#decoded += weightOf(message);
    decode(this.client, message);
  }

  /** Whether the server has not closed the connection. If the client has, what it sent before that is still handled. */
  get #isOpen(): boolean {
    return this.client.conn.readyState === "open" || this.#backlog?.pause?.isClosedByClient === true;
  }
}

/** What waits for the turn of a connection. */
class Backlog {
  /** Messages and bodies of POSTs. Those from `next` on are not decoded yet. */
  messages: unknown[] = [];
  next = 0;
  turnStart = 0;
  pause: Pause | undefined = undefined;

  get isEmpty(): boolean {
    return this.messages.length === 0;
  }

  empty(): void {
    this.messages = [];
    this.next = 0;
  }
}

function startOfTurn(): number {
  if (turnStart === undefined) {
    turnStart = performance.now();
    setImmediate(() => { turnStart = undefined; });
  }
  return turnStart;
}

function beginHandling(incoming: Incoming): void {
  incoming.beginHandling();
}

function endHandling(incoming: Incoming): void {
  incoming.endHandling();
}

function serveNext(): void {
  const next = waiting.shift();
  if (waiting.length > 0) setImmediate(serveNext);
  next?.();
}

/** For how many messages this one counts. */
function weightOf(message: unknown): number {
  return typeof message === "string" ? 1 + Math.floor(message.length / lengthOfOne) : 1;
}

/** Hands a message to the decoder, as Socket.IO does. Each client has a bound `ondata` of its own, which the guard replaces and does not keep. */
function decode(client: ClientInternals, message: unknown): void {
  (Object.getPrototypeOf(client) as ClientInternals).ondata.call(client, message);
}
