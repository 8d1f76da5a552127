/** Messages to the guards of the other nodes, through the adapter of the main namespace. A message may be lost. */
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
    if (isInMemory(adapter)) return;
    try {
      // With some adapters the promise rejects while Redis is down. Unhandled, that would end the process.
      const sent: unknown = adapter.serverSideEmit([event, ...args]);
      if (sent instanceof Promise) sent.catch(this.#failed);
    } catch (error) {
      this.#failed(error);
    }
  }
}

/** `serverSideEmit` of the in-memory adapter only warns. Every other adapter extends that one and overrides it. */
function isInMemory(adapter: AdapterInternals): boolean {
  let owner = Object.getPrototypeOf(adapter) as object;
  while (!Object.hasOwn(owner, "serverSideEmit")) owner = Object.getPrototypeOf(owner) as object;
  return Object.getPrototypeOf(owner) === EventEmitter.prototype;
}
