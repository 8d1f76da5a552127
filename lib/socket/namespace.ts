/** The guard of one namespace: it runs before every middleware, and checks a session again when its socket connects. */
import { callListener } from "../callbacks.js";
import { noMethod } from "../metrics/measurements.js";
import { denial } from "../protocol.js";
import { Refusal } from "../refusal.js";
import type { Admission } from "./admission.js";
import type { Connection, Connections } from "./connection.js";
import { corked } from "./cork.js";
import { EventGate } from "./event-gate.js";
import { gateOf, type Gate, type GateContext, type NamespaceRules } from "./gate.js";
import { checkSocket, packetTypes, type Connected, type Done, type NamespaceInternals, type SocketInternals } from "./internals.js";
import type { Recovery } from "./recovery.js";
import { ReportingGate } from "./reporting-gate.js";
import type { StaleFilter } from "./stale-filter.js";
import { sendSession } from "./notify.js";
import { tellThrottled } from "./throttled.js";
import { warnOfUndeclared } from "./undeclared.js";
import type { Users } from "./users.js";

export interface NamespaceOptions {
  readonly connections: Connections;
  readonly admission: Admission;
  readonly users: Users;
  readonly staleFilter: StaleFilter | undefined;
  readonly gateContext: GateContext;
  readonly rulesOf: (namespace: string) => NamespaceRules;
  /** Undefined if the server has connection state recovery off. */
  readonly recovery: Recovery | undefined;
}

export class NamespaceGuard {
  readonly #namespace: NamespaceInternals;
  readonly #options: NamespaceOptions;
  /** The methods of Socket.IO. */
  readonly #run: NamespaceInternals["run"];
  readonly #doConnect: NamespaceInternals["_doConnect"];
  readonly #cleanup: SocketInternals["_cleanup"];

  /** From here on the namespace is guarded. */
  constructor(namespace: NamespaceInternals, options: NamespaceOptions) {
    const { connections, recovery } = options;
    this.#namespace = namespace;
    this.#options = options;
    this.#run = namespace.run.bind(namespace);
    this.#doConnect = namespace._doConnect.bind(namespace);
    this.#cleanup = cleanupOf(connections, recovery);
    const add = namespace._add.bind(namespace);
    namespace._add = (client, auth, connected) => {
      recovery?.arrive(auth, connected);
      if (connections.of(client.conn).arrive(client)) return add(client, auth, connected);
      client.close();
      return Promise.resolve();
    };
    namespace.run = (socket, done) => this.#enter(socket, done);
    namespace._doConnect = (socket, connected) => this.#freshen(socket, connected);
  }

  /** A socket that has sent its CONNECT: before any middleware of the host. */
  #enter(socket: SocketInternals, done: Done): void {
    checkSocket(socket);
    const { rulesOf, gateContext } = this.#options;
    const connection = this.#connectionOf(socket);
    const gate = new (gateContext.reporter === undefined ? EventGate : ReportingGate)(socket, rulesOf(this.#namespace.name), gateContext, connection.incoming!);
    socket._cleanup = this.#cleanup;
    // A second CONNECT to the same namespace gets no socket, and no answer of its own.
    if (!connection.enter(gate, () => this.#admit(gate, done))) socket._cleanup();
  }

  #admit(gate: Gate, done: Done): void {
    if (!this.#connectionOf(gate.socket).isOpen) return done();
    // A middleware of the host that throws rejects this promise, as it rejects a promise of Socket.IO's without a guard.
    void this.#options.admission.admit(gate).then((refusal) => this.#admitted(gate, refusal, done));
  }

  #admitted(gate: Gate, refusal: Refusal | undefined, done: Done): void {
    if (refusal !== undefined) return this.#refuse(gate.socket, refusal, done);
    const claiming = this.#options.recovery?.claim(gate);
    if (claiming === undefined) this.#runMiddlewares(gate.socket, done);
    // In the same tick as the claim: events that are sent meanwhile would be missed.
    else void claiming.then(() => callListener(() => this.#claimed(gate.socket, done)));
  }

  /** What a socket had before its connection broke has been looked up. */
  #claimed(socket: SocketInternals, done: Done): void {
    if (!this.#connectionOf(socket).isOpen) return done();
    const connected = this.#options.recovery!.shortcut(socket);
    if (connected === undefined) this.#runMiddlewares(socket, done);
    else this.#namespace._doConnect(socket, connected);
  }

  /** Only the first answer of the middlewares counts. If they refuse, an idle connection is not kept open. */
  #runMiddlewares(socket: SocketInternals, done: Done): void {
    let isAnswered = false;
    this.#run(socket, (error) => {
      if (isAnswered) return;
      isAnswered = true;
      done(error);
      if (error) setImmediate(() => this.#connectionOf(socket).closeIfIdle());
    });
  }

  /** The middlewares have let it in: what it missed while they ran is read once more. */
  #freshen(socket: SocketInternals, connected: Connected): void {
    const freshening = this.#options.recovery?.freshen(socket);
    if (freshening === undefined) this.#connect(socket, connected);
    else void freshening.then(() => callListener(() => {
      if (this.#connectionOf(socket).isOpen) this.#connect(socket, connected);
      else socket._cleanup();
    }));
  }

  #connect(socket: SocketInternals, connected: Connected): void {
    const gate = gateOf(socket);
    // A socket that is not pending was refused or is connected: a middleware has called next() twice.
    if (gate === undefined || !this.#namespace._preConnectSockets.has(socket.id)) return;
    const connection = this.#connectionOf(socket);
    if (connection.ended !== undefined) return socket._cleanup();
    const invalid = gate.session === undefined ? noSession : gate.session.invalidity(Date.now());
    if (invalid !== undefined) return this.#refuseLate(socket, invalid);
    const missed = this.#options.recovery?.giveBack(socket);
    if (missed === false) return this.#refuseLate(socket, notRecovered);
    if (gate.session!.ended === undefined) this.#options.users.endOldest(gate.session!);
    // From now on an end of the session ends the connection.
    gate.session!.connection = connection;
    corked(socket.client.conn, () => this.#doConnect(socket, (self) => {
      connected(self);
      this.#connected(gate, connection, missed ?? []);
    }));
    warnOfUndeclared(socket, gate.rules.policy, this.#options.gateContext.reporter !== undefined);
  }

  /** Runs right after Socket.IO has connected the socket, and before any "connection" listener of the host. */
  #connected(gate: Gate, connection: Connection, missed: readonly unknown[]): void {
    const { socket } = gate;
    const session = gate.session!;
    const { staleFilter, gateContext: { audit, measurements } } = this.#options;
    staleFilter?.apply(socket.client);
    // It may have ended when its rooms were joined again, which tells the host's listeners.
    if (session.ended !== undefined) connection.end(session.ended);
    sendSession(socket, session);
    for (const data of missed) socket.packet({ type: packetTypes.event, data });
    connection.connected(gate);
    measurements.connected(gate.answeredBy ?? session.method);
    audit.emit("connected", () => gate.details);
  }

  #refuse(socket: SocketInternals, refusal: Refusal, done: Done): void {
    this.#countRefused(socket, refusal);
    const { denial } = refusal;
    done(Object.assign(new Error(denial.message), { data: denial }));
    this.#connectionOf(socket).refused(refusal);
  }

  /** The session ended while the middlewares ran: the client is told why, as it would have been in the handshake. */
  #refuseLate(socket: SocketInternals, refusal: Refusal): void {
    this.#countRefused(socket, refusal);
    const { denial } = refusal;
    socket._cleanup();
    socket._error({ message: denial.message, data: denial });
    this.#connectionOf(socket).refused(refusal);
  }

  #countRefused(socket: SocketInternals, refusal: Refusal): void {
    const { gateContext } = this.#options;
    const { addresses, audit, measurements } = gateContext;
    const { denial, reason } = refusal;
    measurements.refused(gateOf(socket)?.answeredBy ?? noMethod, denial.code);
    audit.emit("refused", () => ({ code: denial.code, namespace: socket.nsp.name, address: addresses.of(socket.handshake), reason }));
    tellThrottled(refusal, () => ({ namespace: socket.nsp.name, address: addresses.of(socket.handshake) }), gateContext);
  }

  #connectionOf(socket: SocketInternals): Connection {
    return this.#options.connections.of(socket.client.conn);
  }
}

const noSession = new Refusal(denial("token_missing"), "the handshake was not authenticated");
const notRecovered = new Refusal(denial("unavailable"), "the events that it missed cannot be restored any more");

/** What happens when a socket is refused or leaves. One function for all sockets of a namespace, in place of a closure for each. */
export function cleanupOf(connections: Connections, recovery?: Recovery): SocketInternals["_cleanup"] {
  return function (this: SocketInternals) {
    const gate = gateOf(this)!;
    gate.leave();
    recovery?.release(this);
    (Object.getPrototypeOf(this) as SocketInternals)._cleanup.call(this);
    connections.of(this.client.conn).left(gate);
  };
}
