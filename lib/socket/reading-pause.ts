/** Stops reading from a connection that has sent more than is handled yet. */
import type { ClientInternals, EngineTransport } from "./internals.js";

/** While it lasts, nothing more is read from a connection, and its sockets are not told yet that it was closed. */
export class Pause {
  readonly #client: ClientInternals;
  #transport: EngineTransport;
  #resume: () => void;
  #closed: unknown[] | undefined = undefined;

  constructor(client: ClientInternals) {
    this.#client = client;
    this.#transport = client.conn.transport!;
    this.#resume = pause(this.#transport);
  }

  get isClosedByClient(): boolean {
    return this.#closed !== undefined;
  }

  /** The connection was upgraded to a websocket meanwhile: nothing more is read from that either. */
  followUpgrade(): void {
    const { transport } = this.#client.conn;
    if (transport === undefined || transport === this.#transport) return;
    this.#resume();
    this.#transport = transport;
    this.#resume = pause(transport);
  }

  closed(why: unknown[]): void {
    // POSTs that wait are answered, or the HTTP server could not close.
    this.#resume();
    if (why[0] === "forced close" || why[0] === "parse error") this.#client.onclose(...why);
    else this.#closed = why;
  }

  end(): void {
    this.#resume();
    if (this.#closed !== undefined) this.#client.onclose(...this.#closed);
  }
}

export function canPause(transport: EngineTransport | undefined): boolean {
  return typeof transport?.socket?.pause === "function" || typeof transport?.onDataRequest === "function";
}

/** Stops reading from a websocket, or lets the requests of polling wait. Returns a function that resumes reading. */
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
    for (const request of requests.splice(0)) transport.onDataRequest!(...request);
  };
}
