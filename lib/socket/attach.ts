/** Puts the guard on a Socket.IO server. Every CONNECT passes `io.of`, so that is where each namespace is guarded. */
import type { Server } from "socket.io";
import type { AuditEvents } from "../audit-events.js";
import type { ClientAddresses } from "../authenticate/address.js";
import { GuardError } from "../guard-error.js";
import type { Measurements } from "../metrics/measurements.js";
import type { Origins } from "../origins.js";
import { keepChildWhilePending } from "./children.js";
import type { Connections } from "./connection.js";
import { internalsOf, type EngineInternals, type NamespaceInternals, type ServerInternals } from "./internals.js";
import { enforceOrigins } from "./origin.js";
import type { Strangers } from "./strangers.js";

const guarded = new WeakSet<ServerInternals>();

/**
 * Checks that the server can be guarded, before anything of it is changed.
 * @throws GuardError `already_guarded`, `socket_connected`, `eio3_unsupported`, `socketio_unsupported`
 */
export function checkServer(io: Server): void {
  const server = internalsOf(io);
  if (guarded.has(server)) throw new GuardError("already_guarded", "This server is guarded already: call guard(io, ...) once, and guarded.of(...) for a namespace.");
  if (hasSockets(server, () => true)) {
    throw new GuardError("socket_connected", "A socket is connected already, or connecting, and was not authenticated: call guard(io, ...) before the server listens.");
  }
  for (const one of [server, server.engine]) if (one !== undefined) refuseEIO3(one);
}

/**
 * Checks that a namespace can still be given rules: a socket keeps the rules that it connected under.
 * @throws GuardError `socket_connected`
 */
export function checkNamespace(io: Server, matches: (name: string) => boolean): void {
  if (!hasSockets(internalsOf(io), matches)) return;
  throw new GuardError("socket_connected", "A socket is connected to this namespace already, or connecting, under other rules: call guarded.of(...) before the server listens.");
}

function hasSockets(server: ServerInternals, matches: (name: string) => boolean): boolean {
  return [...server._nsps.values()].some(({ name, sockets, _preConnectSockets }) => sockets.size + _preConnectSockets.size > 0 && matches(name));
}

export interface Attachment {
  readonly addresses: ClientAddresses;
  readonly audit: AuditEvents;
  readonly connections: Connections;
  readonly measurements: Measurements;
  readonly strangers: Strangers;
  readonly origins: Origins | undefined;
  readonly guardNamespace: (namespace: NamespaceInternals) => void;
}

export function attach(io: Server, { addresses, audit, connections, measurements, origins, strangers, guardNamespace }: Attachment): void {
  const server = internalsOf(io);
  guarded.add(server);
  guardNamespaces(server, guardNamespace);
  guardEngines(server, (engine) => {
    refuseEIO3(engine);
    engine.on("connection", (conn) => {
      connections.watch(conn);
      connections.of(conn).startLoginTimeout();
      strangers.arrive(conn);
    });
    if (origins !== undefined) enforceOrigins(engine, origins, { addresses, audit, measurements });
  });
}

function refuseEIO3({ opts }: { readonly opts?: { readonly allowEIO3?: boolean } }): void {
  if (!opts?.allowEIO3) return;
  throw new GuardError("eio3_unsupported", "allowEIO3 takes handshake.auth from the query string, where tokens end up in logs: take it out of the server's options.");
}

/** Guards the engine that a server has, and every one that it is bound to later. */
function guardEngines(server: ServerInternals, guardEngine: (engine: EngineInternals) => void): void {
  if (server.engine !== undefined) guardEngine(server.engine);
  const bind = server.bind.bind(server);
  server.bind = (engine) => {
    guardEngine(engine);
    return bind(engine);
  };
}

function guardNamespaces(server: ServerInternals, guardNamespace: Attachment["guardNamespace"]): void {
  const seen = new WeakSet<NamespaceInternals>();
  const of = server.of.bind(server);
  server.of = (name, listener) => {
    const namespace = of(name, listener) as NamespaceInternals;
    // A pattern or a function makes a parent namespace, which has no sockets. Its children come here by their own names.
    if (typeof name !== "string" || seen.has(namespace)) return namespace;
    seen.add(namespace);
    guardNamespace(namespace);
    keepChildWhilePending(server, namespace);
    return namespace;
  };
}
