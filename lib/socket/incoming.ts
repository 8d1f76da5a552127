/**
 * What one connection sends. Its packets are handled for some milliseconds in a turn of the event loop, then those of other
 * connections get theirs; and what they are answered leaves in one write.
 */
import { cork, uncork } from "./cork.js";
import type { ClientInternals, EngineTransport, Wire } from "./internals.js";

// How many messages are decoded in one go. Decoding one takes some microseconds, and handling it about as long.
const maxDecoded = 64;
// How long a connection is served in one turn, in milliseconds.
const turnTime = 5;

/** Connections that have more to handle. One of them is served in each turn of the event loop. */
const waiting: Incoming[] = [];

export class Incoming {
  readonly client: ClientInternals;
  readonly #ondata: (message: unknown) => void;
  /** Those from `#next` on are not decoded yet. */
  #messages: unknown[] = noMessages;
  #next = 0;
  #decoded = 0;
  #turnStart = 0;
  #isHandling = false;
  #wire: Wire | undefined = undefined;
  #pause: Pause | undefined = undefined;

  /** `listener` stands between the engine and the decoder from here on. It calls `receive`. */
  constructor(client: ClientInternals, listener: (message: unknown) => void) {
    this.client = client;
    this.#ondata = client.ondata;
    client.conn.off("data", client.ondata);
    client.ondata = listener;
    client.conn.on("data", client.ondata);
  }

  receive(message: unknown): void {
    if (this.#messages.length > 0) {
      this.#messages.push(message);
    } else if (this.#decoded < maxDecoded || !canPause(this.client.conn.transport)) {
      this.#decoded += 1;
      this.#ondata(message);
    } else {
      this.#messages = [message];
      this.#turnStart = performance.now();
      process.nextTick(beginHandling, this);
    }
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
      this.#continue();
    }
  }

  #continue(): void {
    if (this.#messages.length === 0) this.#resume();
    else if (performance.now() - this.#turnStart < turnTime) this.#goOn();
    else this.#wait();
  }

  #wait(): void {
    this.#pause ??= new Pause(this.client);
    if (waiting.push(this) === 1) setImmediate(serveNext);
  }

  #resume(): void {
    this.#pause?.end();
    this.#pause = undefined;
  }

  /** Handles more of what waits, for another turn. */
  serve(): void {
    this.#turnStart = performance.now();
    this.#goOn();
  }

  #goOn(): void {
    const messages = this.#messages;
    const end = Math.min(this.#next + maxDecoded, messages.length);
    this.#decoded = end - this.#next;
    while (this.#next < end && this.#isOpen) this.#ondata(messages[this.#next++]);
    if (this.#next === messages.length || !this.#isOpen) {
      this.#messages = noMessages;
      this.#next = 0;
    }
    process.nextTick(beginHandling, this);
  }

  /** Whether the server has not closed the connection. If the client has, what it sent before that is still handled. */
  get #isOpen(): boolean {
    return this.client.conn.readyState === "open" || this.#pause?.isClosedByClient === true;
  }
}

const noMessages: unknown[] = [];

/** While it lasts, nothing more is read from a connection, and sockets do not hear yet that it was closed. */
class Pause {
  readonly #client: ClientInternals;
  readonly #resume: () => void;
  #closed: unknown[] | undefined = undefined;

  constructor(client: ClientInternals) {
    this.#client = client;
    this.#resume = pause(client.conn.transport!);
    client.conn.off("close", client.onclose).on("close", this.#onClose);
  }

  get isClosedByClient(): boolean {
    return this.#closed !== undefined;
  }

  end(): void {
    const { conn, onclose } = this.#client;
    conn.off("close", this.#onClose).on("close", onclose);
    if (this.#closed === undefined) this.#resume();
    else onclose(...this.#closed);
  }

  readonly #onClose = (...why: unknown[]): void => {
    if (why[0] === "forced close" || why[0] === "parse error") this.#client.onclose(...why);
    else this.#closed = why;
  };
}

function canPause(transport: EngineTransport | undefined): boolean {
  return typeof transport?.socket?.pause === "function" || typeof transport?.onDataRequest === "function";
}

/** Stops reading from a websocket, or lets the requests of polling wait. Returns the function that goes on with it. */
function pause(transport: EngineTransport): () => void {
  const { socket } = transport;
  if (typeof socket?.pause === "function") {
    socket.pause();
    return () => socket.resume?.();
  }
  const requests: [request: unknown, response: unknown][] = [];
  transport.onDataRequest = (...request) => requests.push(request);
  return () => {
    delete transport.onDataRequest;
    for (const request of requests) transport.onDataRequest!(...request);
  };
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
  next?.serve();
}
