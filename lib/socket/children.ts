/** Children of dynamic namespaces, where Socket.IO removes empty ones: a refused client must not remove one in which another client is pending. */
import type { NamespaceInternals, ParentInternals, ServerInternals } from "./internals.js";

/** Does nothing for a namespace that Socket.IO would keep: no child, or `cleanupEmptyChildNamespaces` is off. */
export function keepChildWhilePending(server: ServerInternals, namespace: NamespaceInternals): void {
  // `cleanupEmptyChildNamespaces` gives each child a `_remove` of its own.
  const parent = [...server.parentNsps.values()].find(({ children }) => children.has(namespace));
  if (parent === undefined || !Object.hasOwn(namespace, "_remove")) return;
  const add = namespace._add.bind(namespace);
  const prototype = Object.getPrototypeOf(namespace) as NamespaceInternals;
  // CONNECTs that have no socket yet.
  let arriving = 0;
  const removeIfEmpty = () => {
    if (arriving + namespace.sockets.size + namespace._preConnectSockets.size === 0) removeChild(server, parent, namespace);
  };
  namespace._add = async (client, auth, connected) => {
    arriving += 1;
    try {
      await add(client, auth, connected);
    } finally {
      arriving -= 1;
      removeIfEmpty();
    }
  };
  namespace._remove = (socket) => {
    prototype._remove.call(namespace, socket);
    removeIfEmpty();
  };
}

function removeChild(server: ServerInternals, parent: ParentInternals, namespace: NamespaceInternals): void {
  namespace.adapter.close();
  server._nsps.delete(namespace.name);
  parent.children.delete(namespace);
}
