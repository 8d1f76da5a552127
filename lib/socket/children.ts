/** Children of dynamic namespaces: a refused stranger may neither leave one behind nor take one away from somebody who is pending in it. */
import type { NamespaceInternals, ParentInternals, ServerInternals } from "./internals.js";

/** Does nothing for a namespace that is no child. One that the host made itself stays as Socket.IO would keep it. */
export function keepChild(server: ServerInternals, namespace: NamespaceInternals, isHosts: boolean): void {
  const parent = [...server.parentNsps.values()].find(({ children }) => children.has(namespace));
  if (parent === undefined) return;
  // `cleanupEmptyChildNamespaces` puts a `_remove` of its own on each child.
  const removesEmpty = Object.hasOwn(namespace, "_remove");
  const prototype = Object.getPrototypeOf(namespace) as NamespaceInternals;
  const occupants = new Occupants(namespace);

  const add = namespace._add;
  const discardIfEmpty = () => {
    if (occupants.none && (removesEmpty || !(isHosts || occupants.everConnected))) discard(server, parent, namespace);
  };
  namespace._add = async (client, auth, connected) => {
    occupants.arriving += 1;
    try {
      await add(client, auth, connected);
    } finally {
      occupants.arriving -= 1;
      discardIfEmpty();
    }
  };
  namespace._remove = (socket) => {
    occupants.everConnected ||= namespace.sockets.has(socket.id);
    prototype._remove.call(namespace, socket);
    discardIfEmpty();
  };
}

class Occupants {
  /** Sockets whose CONNECT was taken, but that do not exist yet. */
  arriving = 0;
  everConnected = false;
  readonly #namespace: NamespaceInternals;

  constructor(namespace: NamespaceInternals) {
    this.#namespace = namespace;
  }

  get none(): boolean {
    return this.arriving === 0 && this.#namespace.sockets.size === 0 && this.#namespace._preConnectSockets.size === 0;
  }
}

function discard(server: ServerInternals, parent: ParentInternals, namespace: NamespaceInternals): void {
  namespace.adapter.close();
  server._nsps.delete(namespace.name);
  parent.children.delete(namespace);
}
