/** An open namespace: `mode` only reports the authentication, so every client is connected. Those that would be refused are reported. */
import { noMethod } from "../metrics/measurements.js";
import type { Admission } from "./admission.js";
import type { Connection, Connections } from "./connection.js";
import { gateOf, type GateContext, type NamespaceRules } from "./gate.js";
import { checkSocket, type AdapterInternals, type Connected, type Done, type NamespaceInternals, type SocketInternals } from "./internals.js";
import { cleanupOf } from "./namespace.js";
import { ownRooms } from "./persisted.js";
import { sendSession } from "./notify.js";
import { OpenGate } from "./open-gate.js";
import { warnOfUndeclared } from "./undeclared.js";

export interface OpenNamespaceOptions {
  readonly admission: Admission;
  readonly connections: Connections;
  readonly gateContext: GateContext;
  readonly rulesOf: (namespace: string) => NamespaceRules;
}

export class OpenNamespace {
  readonly #namespace: NamespaceInternals;
  readonly #options: OpenNamespaceOptions;
  /** The methods of Socket.IO. */
  readonly #run: NamespaceInternals["run"];
  readonly #doConnect: NamespaceInternals["_doConnect"];
  readonly #cleanup: SocketInternals["_cleanup"];
  readonly #watched = new WeakSet<AdapterInternals>();

  constructor(namespace: NamespaceInternals, options: OpenNamespaceOptions) {
    this.#namespace = namespace;
    this.#options = options;
    this.#run = namespace.run.bind(namespace);
    this.#doConnect = namespace._doConnect.bind(namespace);
    this.#cleanup = cleanupOf(options.connections);
    namespace.run = (socket, done) => this.#enter(socket, done);
    namespace._doConnect = (socket, connected) => this.#connect(socket, connected);
  }

  /** Socket.IO itself recovers connections here, but not the rooms that were joined through the guard. The host may set another adapter at any time. */
  #keepOwnRoomsOnly(): void {
    const { adapter, sockets } = this.#namespace;
    if (this.#watched.has(adapter)) return;
    this.#watched.add(adapter);
    const persist = adapter.persistSession.bind(adapter);
    adapter.persistSession = (state) => {
      const socket = sockets.get(state.sid);
      persist({ ...state, rooms: ownRooms(socket && gateOf(socket), state.rooms) });
    };
  }

  /** A socket that has sent its CONNECT. It waits until its user is known, because the host's middlewares and handlers may read it. */
  #enter(socket: SocketInternals, done: Done): void {
    const authenticated = this.#authenticate(socket);
    // A recovered socket does not wait: it is in its rooms already, and would miss what is sent to them.
    if (socket.recovered) return this.#run(socket, done);
    // A middleware of the host that throws rejects this promise, as it rejects a promise of Socket.IO's without a guard.
    void authenticated.then(() => this.#connectionOf(socket).isOpen ? this.#run(socket, done) : done());
  }

  #connect(socket: SocketInternals, connected: Connected): void {
    // A recovered socket may skip the middlewares.
    if (gateOf(socket) === undefined) void this.#authenticate(socket);
    const gate = gateOf(socket) as OpenGate;
    this.#doConnect(socket, (self) => {
      connected(self);
      this.#connectionOf(socket).connected(gate);
      if (gate.session !== undefined) this.#connected(gate);
    });
    warnOfUndeclared(socket, gate.rules.policy, true);
  }

  /** Settles once the socket has a session. */
  async #authenticate(socket: SocketInternals): Promise<void> {
    const { admission, gateContext, rulesOf } = this.#options;
    const connection = this.#connectionOf(socket);
    checkSocket(socket);
    this.#keepOwnRoomsOnly();
    gateContext.reporter!.countHandshake();
    socket._cleanup = this.#cleanup;
    const gate = new OpenGate(socket, rulesOf(this.#namespace.name), gateContext, connection.listen(socket.client));
    gate.admit(await admission.admit(gate));
    if (!connection.isOpen) gate.leave();
    else if (socket.connected) this.#connected(gate);
  }

  /** A client that would have been refused is told nothing. */
  #connected(gate: OpenGate): void {
    if (!gate.isGone) sendSession(gate.socket, gate.session!);
    const { audit, measurements } = this.#options.gateContext;
    measurements.connected(gate.answeredBy ?? noMethod);
    audit.emit("connected", () => gate.details);
  }

  #connectionOf(socket: SocketInternals): Connection {
    return this.#options.connections.of(socket.client.conn);
  }
}
