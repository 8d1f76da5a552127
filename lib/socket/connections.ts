/** One engine connection may CONNECT to several namespaces: how many at once, and what becomes of it when they are refused. */
import type { Denial } from "../protocol.js";
import type { Closer } from "./closer.js";
import type { ClientInternals, SocketInternals } from "./internals.js";

// Handshakes of one connection that are looked at at the same time, and that there may be in all.
const mostAtOnce = 4;
const mostPending = 32;
// Refusals of one connection count for this long: a page that stays open for days is not closed for three of them.
const refusalsWindow = 60_000;

interface Connecting {
  /** CONNECTs that were taken, but have no socket yet. */
  arriving: number;
  /** Sockets between their CONNECT and its answer, by namespace. */
  readonly pending: Map<string, SocketInternals>;
  readonly waiting: (() => void)[];
  started: number;
  /** When the last handshakes were refused. */
  refusedAt: number[];
}

export class Connections {
  readonly #connecting = new WeakMap<ClientInternals, Connecting>();
  readonly #closer: Closer;
  readonly #attempts: number;

  /** So many refused attempts within a minute close a connection. */
  constructor(closer: Closer, attempts: number) {
    this.#closer = closer;
    this.#attempts = attempts;
  }

  /** Counts a CONNECT. False for one too many: that is a flood. */
  arrive(client: ClientInternals): boolean {
    const connecting = this.#of(client);
    if (connecting.arriving + connecting.pending.size >= mostPending) return false;
    connecting.arriving += 1;
    return true;
  }

  /** Starts the handshake of a socket that has arrived, now or when its turn comes. False for a second one in the same namespace. */
  enter(socket: SocketInternals, start: () => void): boolean {
    const connecting = this.#of(socket.client);
    const { pending, waiting } = connecting;
    connecting.arriving -= 1;
    if (pending.has(socket.nsp.name)) return false;
    pending.set(socket.nsp.name, socket);
    if (connecting.started >= mostAtOnce) {
      waiting.push(start);
    } else {
      connecting.started += 1;
      start();
    }
    return true;
  }

  /** The handshake is answered: the next one may start. */
  leave(socket: SocketInternals): void {
    const connecting = this.#connecting.get(socket.client);
    if (connecting?.pending.get(socket.nsp.name) !== socket) return;
    connecting.pending.delete(socket.nsp.name);
    const next = connecting.waiting.shift();
    if (next === undefined) connecting.started -= 1;
    else next();
    if (connecting.pending.size + connecting.arriving + connecting.refusedAt.length === 0) this.#connecting.delete(socket.client);
  }

  /** After a refusal has been written: the last attempt closes the connection, and so does one that leaves nothing open on it. */
  refused(client: ClientInternals, reason: Denial): void {
    const connecting = this.#of(client);
    const now = Date.now();
    // A fault of the server is not held against the client.
    if (reason.status < 500) connecting.refusedAt = [...connecting.refusedAt.filter((instant) => now - instant < refusalsWindow), now];
    const isLast = reason.status < 500 && connecting.refusedAt.length >= this.#attempts;
    setImmediate(() => {
      if (isLast && client.sockets.size > 0) this.#closer.end(client, reason);
      else if (isLast) client.close();
      else this.closeIfIdle(client);
    });
  }

  closeIfIdle(client: ClientInternals): void {
    const { pending, arriving } = this.#of(client);
    if (client.sockets.size + pending.size + arriving === 0) client.close();
  }

  #of(client: ClientInternals): Connecting {
    let connecting = this.#connecting.get(client);
    if (connecting === undefined) {
      connecting = { arriving: 0, pending: new Map(), waiting: [], started: 0, refusedAt: [] };
      this.#connecting.set(client, connecting);
    }
    return connecting;
  }
}
