/** Tells the other nodes of a cluster that there is something to read, through Socket.IO's own adapter. Nothing depends on it. */
import { EventEmitter } from "node:events";
import type { Server } from "socket.io";
import { internalsOf, type AdapterInternals, type ServerInternals } from "./internals.js";

const hintEvent = "guard:hint";

export class Hints {
  readonly #server: ServerInternals;
  readonly #failed: (error: unknown) => void;

  constructor(io: Server, heard: () => void, failed: (error: unknown) => void) {
    this.#server = internalsOf(io);
    this.#failed = failed;
    this.#server.sockets.on(hintEvent, heard);
  }

  send(): void {
    const { adapter } = this.#server.sockets;
    if (isOfOneProcess(adapter)) return;
    try {
      // Redis that is down rejects: some adapters would let that end the process.
      const sent: unknown = adapter.serverSideEmit([hintEvent]);
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
