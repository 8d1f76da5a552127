/** What is told to the other nodes of a cluster, through Socket.IO's own adapter of the namespace "/". It may be lost. */
import { EventEmitter } from "node:events";
import type { AdapterInternals, ServerInternals } from "./internals.js";

export class Cluster {
  readonly #server: ServerInternals;
  readonly #failed: (error: unknown) => void;

  constructor(server: ServerInternals, failed: (error: unknown) => void) {
    this.#server = server;
    this.#failed = failed;
  }

  on(event: string, listener: (...args: never[]) => void): void {
    this.#server.sockets.on(event, listener as (...args: unknown[]) => void);
  }

  send(event: string, ...args: unknown[]): void {
    const { adapter } = this.#server.sockets;
    if (isOfOneProcess(adapter)) return;
    try {
      // Redis that is down rejects: some adapters would let that end the process.
      const sent: unknown = adapter.serverSideEmit([event, ...args]);
      if (sent instanceof Promise) sent.catch(this.#failed);
    } catch (error) {
      this.#failed(error);
    }
  }
}

/** The in-memory adapter has a `serverSideEmit` that only warns. Whoever brings another one derives from it. */
function isOfOneProcess(adapter: AdapterInternals): boolean {
  let kind = Object.getPrototypeOf(adapter) as object;
  while (!Object.hasOwn(kind, "serverSideEmit")) kind = Object.getPrototypeOf(kind) as object;
  return Object.getPrototypeOf(kind) === EventEmitter.prototype;
}
