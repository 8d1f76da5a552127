/** The guard of one namespace: it stands before every middleware, looks again when a socket connects, and keeps no empty child. */
import { denial, type Denial } from "../protocol.js";
import { isPromiseLike } from "../callbacks.js";
import type { Core } from "./core.js";
import { Gate } from "./gate.js";
import { admit, type Refusal } from "./handshake.js";
import { checkSocket, gateKey, packetTypes, type Connected, type Done, type NamespaceInternals, type Packet, type SocketInternals } from "./internals.js";
import { recoveryOf, type Recovery } from "./recovery.js";
import { tellSession } from "./tell.js";
import { together } from "./together.js";
import { reportUndeclared } from "./undeclared.js";

export function guardNamespace(core: Core, namespace: NamespaceInternals): void {
  const add = namespace._add.bind(namespace);
  const run = namespace.run.bind(namespace);
  const doConnect = namespace._doConnect.bind(namespace);
  const recovery = recoveryOf(core, namespace);
  const cleanup = cleanupOf(core, recovery);

  namespace.run = (socket, done) => {
    checkSocket(socket);
    const gate = new Gate(core, socket, core.policyOf(namespace.name));
    install(gate, cleanup);
    const goOn = (refusal: Refusal) => {
      if (refusal !== undefined) return refuse(core, socket, refusal, done);
      const claiming = recovery?.claim(gate);
      if (claiming === undefined) run(socket, once(socket, core, done));
      else void claiming.then(comeBack);
    };
    const comeBack = () => outsideOfPromise(() => {
      if (socket.client.conn.readyState !== "open") return done();
      const connected = recovery!.shortcut(socket);
      if (connected === undefined) run(socket, once(socket, core, done));
      else namespace._doConnect(socket, connected);
    });
    const start = () => {
      if (socket.client.conn.readyState !== "open") return done();
      const refusal = admit(core, gate);
      // Outside of the promise, so that a host's middleware that throws does so as it does in Socket.IO.
      if (isPromiseLike(refusal)) void refusal.then((settled) => process.nextTick(goOn, settled));
      else goOn(refusal);
    };
    // A second CONNECT while the first is pending gets no socket, and no answer of its own.
    if (!core.connections.enter(socket, start)) socket._cleanup();
  };

  namespace._add = async (client, auth, connected) => {
    recovery?.arrive(auth, connected);
    if (core.connections.arrive(client)) await add(client, auth, connected);
    else client.close();
  };

  namespace._doConnect = (socket, connected) => {
    const freshening = recovery?.freshen(socket);
    if (freshening === undefined) connect(socket, connected);
    else void freshening.then(() => outsideOfPromise(() => {
      if (socket.client.conn.readyState === "open") connect(socket, connected);
      else socket._cleanup();
    }));
  };

  const connect = (socket: SocketInternals, connected: Connected) => {
    const gate = socket[gateKey];
    // A socket that is not pending was refused or connected already: a middleware has called next() twice.
    if (gate === undefined || !namespace._preConnectSockets.has(socket.id)) return;
    // The connection is about to close: nobody is let in on it any more.
    if (core.closer.isEnding(socket.client)) return socket._cleanup();
    const { session } = gate;
    const code = core.closed ? "server_closing" : session === undefined ? "token_missing" : session.refusal(Date.now());
    if (code !== undefined) return refuseLate(core, socket, denial(code));
    const missed = recovery?.giveBack(socket);
    if (missed === false) return refuseLate(core, socket, denial("unavailable"));
    if (session!.ended === undefined) core.users.endOldest(session!);
    // No code of the host's runs between that look and the socket being connected: from then on an end of the session closes it.
    together(socket.client.conn, () => doConnect(socket, (self) => {
      connected(self);
      if (socket.client.sockets.size > 1) for (const one of socket.client.sockets.values()) one[gateKey]!.isAlone = false;
      core.staleFilter?.apply(socket.client);
      // Rooms that were given back told the host: an end that came then found nothing to close yet.
      if (session!.ended !== undefined) core.closer.end(socket.client, session!.ended);
      tellSession(socket, session!);
      for (const data of missed ?? []) socket.packet({ type: packetTypes.event, data });
      core.connections.leave(socket);
      core.quarantine.release(socket.client.conn);
      core.audit.emit("connected", () => gate.fact());
    }));
    reportUndeclared(socket, core.policyOf(namespace.name).policy);
  };
}

function install(gate: Gate, cleanup: SocketInternals["_cleanup"]): void {
  const { socket } = gate;
  socket[gateKey] = gate;
  socket._onpacket = receive;
  socket._cleanup = cleanup;
}

/** What becomes of a socket that is refused or leaves. One function for all sockets of a namespace: a closure each would be 170 bytes. */
function cleanupOf(core: Core, recovery: Recovery | undefined): SocketInternals["_cleanup"] {
  return function (this: SocketInternals) {
    this[gateKey]!.left();
    recovery?.release(this);
    (Object.getPrototypeOf(this) as SocketInternals)._cleanup.call(this);
    core.connections.leave(this);
    const { client } = this;
    // Who has left all namespaces is where it was before it came; unless it is being closed anyway.
    if (!core.closer.isEnding(client) && [...client.sockets.values()].every((other) => other === this)) core.quarantine.watch(client.conn);
  };
}

// One function for all sockets: it finds its gate through `this`.
function receive(this: SocketInternals, packet: Packet): void {
  this[gateKey]!.receive(packet);
}

/** A host's code that throws does so as it does in Socket.IO: outside of any promise. */
function outsideOfPromise(run: () => void): void {
  try {
    run();
  } catch (error) {
    process.nextTick(() => { throw error; });
  }
}

/** The first answer of the host's middlewares counts; if they refuse, an idle connection is not kept open. */
function once(socket: SocketInternals, core: Core, done: Done): Done {
  let answered = false;
  return (error) => {
    if (answered) return;
    answered = true;
    done(error);
    if (error) setImmediate(() => core.connections.closeIfIdle(socket.client));
  };
}

function refuse(core: Core, socket: SocketInternals, reason: Denial, done: Done): void {
  tellRefused(core, socket, reason);
  done(Object.assign(new Error(reason.message), { data: reason }));
  core.connections.refused(socket.client, reason);
}

/** The session ended between the middleware and here: the client hears why, as it would have in the handshake. */
function refuseLate(core: Core, socket: SocketInternals, reason: Denial): void {
  tellRefused(core, socket, reason);
  socket._cleanup();
  socket._error({ message: reason.message, data: reason });
  core.connections.refused(socket.client, reason);
}

function tellRefused(core: Core, socket: SocketInternals, reason: Denial): void {
  core.counts.refused += 1;
  core.audit.emit("refused", () => ({ code: reason.code, namespace: socket.nsp.name, address: core.addressOf(socket) }));
}
