/** Puts the guard on a Socket.IO server: every CONNECT to any namespace passes `io.of`, so that is where namespaces are guarded. */
import type { Server } from "socket.io";
import { GuardError } from "../guard-error.js";
import { keepChild } from "./children.js";
import type { Core } from "./core.js";
import { internalsOf, type EngineInternals, type NamespaceInternals, type ServerInternals } from "./internals.js";
import { guardNamespace } from "./namespace.js";
import { enforceOrigins, type Origins } from "./origin.js";

const guarded = new WeakSet<ServerInternals>();

/**
 * Whether this is a server that can be guarded: asked before anything is made for it.
 * @throws GuardError `already_guarded`, `socket_connected`, `eio3_unsupported`, `socketio_unsupported`
 */
export function checkServer(io: Server): void {
  const server = internalsOf(io);
  if (guarded.has(server)) throw new GuardError("already_guarded", "This server is guarded already: call guard(io, ...) once, and guarded.of(...) for a namespace.");
  if ([...server._nsps.values()].some(({ sockets, _preConnectSockets }) => sockets.size + _preConnectSockets.size > 0)) {
    throw new GuardError("socket_connected", "A socket is connected already or connecting, and nobody has asked it who it is: call guard(io, ...) before the server listens.");
  }
  for (const one of [server, server.engine]) if (one !== undefined) refuseEIO3(one);
}

export function attach(io: Server, core: Core, origins: Origins | undefined): void {
  const server = internalsOf(io);
  guarded.add(server);
  guardNamespaces(server, core);
  guardEngines(server, (engine) => {
    refuseEIO3(engine);
    engine.on("connection", (conn) => core.quarantine.watch(conn));
    if (origins !== undefined) enforceOrigins(engine, origins, core.audit);
  });
}

function refuseEIO3({ opts }: { readonly opts?: { readonly allowEIO3?: boolean } }): void {
  if (!opts?.allowEIO3) return;
  throw new GuardError("eio3_unsupported", "allowEIO3 takes handshake.auth from the query string, where tokens end up in logs: take it out of the server's options.");
}

/** Each engine of a server: the one it has, and every one that it is bound to later. */
function guardEngines(server: ServerInternals, guardEngine: (engine: EngineInternals) => void): void {
  if (server.engine !== undefined) guardEngine(server.engine);
  const bind = server.bind.bind(server);
  server.bind = (engine) => {
    guardEngine(engine);
    return bind(engine);
  };
}

function guardNamespaces(server: ServerInternals, core: Core): void {
  const seen = new WeakSet<NamespaceInternals>();
  // Made by the host, by name: it may have put listeners on one, so that no refused stranger takes it away.
  const hosts = new WeakSet(server._nsps.values());
  const of = server.of.bind(server);
  server.of = (name, listener) => {
    const namesBefore = server._nsps.size;
    const namespace = of(name, listener) as NamespaceInternals;
    // A pattern or a function gives a parent, which no socket ever joins: its children come here by their own names.
    if (typeof name !== "string" || seen.has(namespace)) return namespace;
    seen.add(namespace);
    guardNamespace(core, namespace);
    if (server._nsps.size > namesBefore) hosts.add(namespace);
    keepChild(server, namespace, hosts.has(namespace));
    return namespace;
  };
}
