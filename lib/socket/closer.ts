/** Ends connections: their sessions are marked at once, and their transports closed in slices, so that the event loop never stalls. */
import { byeEvent, type Denial } from "../protocol.js";
import { gateKey, packetTypes, type ClientInternals } from "./internals.js";

// Closing one costs about 0.1 ms.
const sliceTime = 8;

interface Ending {
  readonly client: ClientInternals;
  readonly reason: Denial;
}

export class Closer {
  readonly #ending = new WeakSet<ClientInternals>();
  readonly #waiting: Ending[] = [];
  #scheduled = false;

  /**
   * Ends every session of a connection for one reason. Each socket hears `guard:bye`, then the connection closes: not
   * before all that end together are silent, for a host's "disconnect" listener may broadcast.
   */
  end(client: ClientInternals, reason: Denial): void {
    if (this.#ending.has(client)) return;
    this.#ending.add(client);
    for (const socket of [...client.sockets.values()]) socket[gateKey]?.endWith(reason);
    client.writeToEngine = silent;
    this.#waiting.push({ client, reason });
    this.#schedule();
  }

  /** Closes all that wait, now: the server is about to stop. */
  finish(): void {
    for (const ending of this.#waiting.splice(0)) close(ending);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#slice());
  }

  #slice(): void {
    this.#scheduled = false;
    const end = performance.now() + sliceTime;
    let closed = 0;
    for (; closed < this.#waiting.length && performance.now() < end; closed += 1) close(this.#waiting[closed]!);
    this.#waiting.splice(0, closed);
    if (this.#waiting.length > 0) this.#schedule();
  }
}

// Between its end and its slice, a connection hears nothing.
function silent(): void {}

function close({ client, reason }: Ending): void {
  delete client.writeToEngine;
  try {
    for (const socket of client.sockets.values()) socket.packet({ type: packetTypes.event, data: [byeEvent, farewell(reason)] });
    client._disconnect();
  } catch (error) {
    // A host's "disconnect" listener threw: it is thrown again where it would have been, and the others are still closed.
    setImmediate(() => { throw error; });
    client.close();
  }
}

/** Whoever is sent away is always told what to do: where the code has no advice, not to come back by itself. */
function farewell(reason: Denial): Denial {
  return reason.reconnect === undefined ? { ...reason, reconnect: "never" } : reason;
}
