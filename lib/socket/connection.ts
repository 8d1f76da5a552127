/** One engine connection: the CONNECTs that it sends, the gates of its sockets, how long it may be without a session, and its end. */
import type { Registry } from "../session/registry.js";
import { TimerQueue, type Timed } from "../session/timer-queue.js";
import type { Refusal } from "../refusal.js";
import { withTimeout } from "../timeout.js";
import { ClosingQueue } from "./closing-queue.js";
import { wireCorked } from "./cork.js";
import { gateOf, type Gate } from "./gate.js";
import { Incoming, type IncomingOptions } from "./incoming.js";
import type { ClientInternals, EngineConnection } from "./internals.js";
import { readJsonp } from "./jsonp.js";
import { denyMessage, spoilLargeAndDeep } from "./large-messages.js";
import { readInParts } from "./large-posts.js";
import { PendingHandshakes } from "./pending-handshakes.js";
import { sendGoodbye } from "./notify.js";

// Milliseconds that a refused handshake counts: a page that is open for days is not closed for three of them.
const refusalWindow = 60_000;
// Milliseconds that a slow client may take to read the goodbye when the server stops.
const goodbyeTimeout = 1_000;

export interface ConnectionOptions {
  readonly registry: Registry;
  /** Milliseconds that a connection may be without a session. */
  readonly loginTimeout: number;
  /** This many refused handshakes within a minute close a connection. */
  readonly loginAttempts: number;
  /** Why a message is not decoded. Undefined in report mode: then all are. */
  readonly refusalOfMessage: ((message: unknown) => Refusal | undefined) | undefined;
  /** Called for a connection that is without a session for too long. It closes it. */
  readonly onLoginTimeout: (conn: EngineConnection) => void;
  /** Called when a connection has closed. */
  readonly onClosed: (conn: EngineConnection) => void;
}

const connectionKey = Symbol("socket.io-guard connection");

/** An engine connection keeps its `Connection` under a symbol. */
type KeyedConnection = EngineConnection & { [connectionKey]?: Connection };

/** A connection that has to get a session in time. */
interface LoginTimeout extends Timed {
  readonly connection: Connection;
}

/** All connections of a server. */
export class Connections {
  readonly options: ConnectionOptions;
  readonly loginTimeouts = new TimerQueue<LoginTimeout>(({ connection }) => connection.loginTimedOut());
  readonly closing: ClosingQueue<Connection>;
  readonly incomingOptions: IncomingOptions;

  constructor(options: ConnectionOptions) {
    this.options = options;
    this.incomingOptions = { onData: receive, onClose: tellClosed, refusalOf: options.refusalOfMessage, onRefused: (client, message, reason) => denyMessage(client, message, reason, options.registry) };
    this.closing = new ClosingQueue((connection) => connection.close(), () => options.registry.endDue());
  }

  /** A connection is new. Before its first CONNECT, nothing else refuses a message. */
  watch(conn: EngineConnection): void {
    readJsonp(conn);
    readInParts(conn, () => this.of(conn).incoming);
    if (this.options.refusalOfMessage !== undefined) conn.on("packet", spoilLargeAndDeep);
    conn.on("close", tellClosed);
  }

  of(conn: KeyedConnection): Connection {
    return (conn[connectionKey] ??= new Connection(conn, this));
  }

  /** Closes all connections that have ended. Settles when they are closed, or after a second. */
  async finish(): Promise<void> {
    this.loginTimeouts.stop();
    const closing = this.closing.closeAll().map(({ conn }) => closed(conn));
    await withTimeout({ ms: goodbyeTimeout, message: "A client did not read its goodbye in time." }, () => Promise.all(closing)).catch(() => undefined);
  }
}

export class Connection {
  readonly conn: EngineConnection;
  /** What its client sends; undefined before the first CONNECT. */
  incoming: Incoming | undefined = undefined;
  /** Why it ended; undefined while it is open. */
  ended: Refusal | undefined = undefined;
  readonly #all: Connections;
  // Undefined most of the time, so that a connection costs little memory.
  #handshakes: PendingHandshakes | undefined = undefined;
  #refusedAt: readonly number[] | undefined = undefined;
  #loginTimeout: LoginTimeout | undefined = undefined;

  constructor(conn: EngineConnection, all: Connections) {
    this.conn = conn;
    this.#all = all;
  }

  /** Socket.IO makes it with the connection, but the guard first sees it at the first CONNECT. */
  get client(): ClientInternals {
    return this.incoming!.client;
  }

  /** The gates of the sockets that are connected. */
  get gates(): readonly Gate[] {
    const gates: Gate[] = [];
    for (const socket of this.client.sockets.values()) {
      const gate = gateOf(socket);
      if (gate?.session !== undefined) gates.push(gate);
    }
    return gates;
  }

  /** Those whose sessions have not ended. */
  get liveGates(): readonly Gate[] {
    return this.gates.filter(({ session }) => session!.ended === undefined);
  }

  get isOpen(): boolean {
    return this.conn.readyState === "open";
  }

  /** From now on it has to get a session in time. A failed attempt does not give it more time. */
  startLoginTimeout(): void {
    const { readyState } = this.conn;
    if (this.#loginTimeout !== undefined || readyState === "closing" || readyState === "closed") return;
    const { loginTimeouts, options } = this.#all;
    this.#loginTimeout = { dueAt: Infinity, connection: this };
    loginTimeouts.set(this.#loginTimeout, Date.now() + options.loginTimeout);
  }

  stopLoginTimeout(): void {
    if (this.#loginTimeout === undefined) return;
    this.#all.loginTimeouts.delete(this.#loginTimeout);
    this.#loginTimeout = undefined;
  }

  /** The engine has closed it. */
  closed(why: unknown[]): void {
    this.stopLoginTimeout();
    this.#all.options.onClosed(this.conn);
    this.incoming?.closed(why);
  }

  loginTimedOut(): void {
    this.stopLoginTimeout();
    this.#all.options.onLoginTimeout(this.conn);
  }

  /** From the first CONNECT on, it handles what the client sends. */
  listen(client: ClientInternals): Incoming {
    return (this.incoming ??= new Incoming(client, this.#all.incomingOptions));
  }

  /** Counts a CONNECT. Returns false for one too many. */
  arrive(client: ClientInternals): boolean {
    this.listen(client);
    this.#handshakes ??= new PendingHandshakes();
    return this.#handshakes.arrive();
  }

  /** Starts a handshake, now or when it is its turn. Returns false for a second one in the same namespace. */
  enter(gate: Gate, start: () => void): boolean {
    return this.#handshakes!.enter(gate, start);
  }

  /** The socket of this gate is connected. */
  connected(gate: Gate): void {
    this.#answered(gate);
    this.stopLoginTimeout();
  }

  /** The socket of this gate was refused, or has left. */
  left(gate: Gate): void {
    this.#answered(gate);
    // Without a socket, it has to get a session in time again.
    if (this.ended === undefined && this.isOpen && this.gates.every((other) => other === gate)) this.startLoginTimeout();
  }

  /** A refusal has been written: the last attempt closes the connection. */
  refused(reason: Refusal): void {
    const isLast = this.#countRefusal(reason) >= this.#all.options.loginAttempts;
    setImmediate(() => {
      const [gate] = this.gates;
      if (!isLast) this.closeIfIdle();
      else if (gate === undefined) this.client.close();
      else this.#all.options.registry.end(gate.session!, reason);
    });
  }

  /** Closes a connection that has no socket and no CONNECT under way. */
  closeIfIdle(): void {
    if (this.client.sockets.size === 0 && this.#handshakes === undefined) this.client.close();
  }

  /** One of its sessions has ended: all others end, too. Nothing more is sent to it until the closing queue closes it. */
  end(reason: Refusal): void {
    if (this.ended !== undefined) return;
    this.ended = reason;
    const { client } = this;
    client.writeToEngine = dropped;
    // Thousands of connections may end in one turn: most have one socket, and need no walk.
    if (client.sockets.size > 1) for (const socket of client.sockets.values()) gateOf(socket)!.session!.ended ??= reason;
    this.#all.closing.add(this);
  }

  /** Answers what still waits for an answer, says goodbye on every socket, and closes the transport. */
  close(): void {
    wireCorked(this.conn, () => {
      const { client } = this;
      const { gates } = this;
      delete client.writeToEngine;
      for (const gate of gates) gate.answerWaiting(this.ended!.denial);
      sendGoodbye(this.conn, gates.map(({ socket }) => socket), this.ended!.denial);
      // What the host's listeners send to it from now on comes too late.
      client.writeToEngine = dropped;
      for (const gate of gates) gate.leave();
      try {
        client._disconnect();
      } catch (error) {
        // A "disconnect" listener of the host threw: the error is rethrown outside of this loop, so that the others are still closed.
        setImmediate(() => { throw error; });
        client.close();
      }
    });
  }

  #answered(gate: Gate): void {
    this.#handshakes?.answered(gate);
    if (this.#handshakes?.isEmpty === true) this.#handshakes = undefined;
  }

  /** Returns how many count now. A fault of the server is not held against the client. */
  #countRefusal({ denial: { status } }: Refusal): number {
    if (status >= 500) return 0;
    const now = Date.now();
    this.#refusedAt = [...(this.#refusedAt ?? []).filter((instant) => now - instant < refusalWindow), now];
    return this.#refusedAt.length;
  }
}

// One function for all connections, in place of a closure for each. The engine calls it on the connection, and code of the
// host, as `socket.client.ondata(message)`, on the client.
function receive(this: KeyedConnection & { readonly conn?: KeyedConnection }, message: unknown): void {
  (this[connectionKey] ?? this.conn![connectionKey])!.incoming!.receive(message);
}

// As above. The engine calls it when the connection has closed.
function tellClosed(this: KeyedConnection, ...why: unknown[]): void {
  this[connectionKey]!.closed(why);
}

/** Between its end and its goodbye, nothing is sent to a connection. */
function dropped(): void {}

function closed(conn: EngineConnection): Promise<void> {
  return new Promise((resolve) => {
    if (conn.readyState === "closed") resolve();
    else conn.once("close", resolve);
  });
}
