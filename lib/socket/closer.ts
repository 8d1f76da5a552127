/** Ends connections: their sessions are marked at once, and their transports closed in slices, so that the event loop never stalls. */
import { setTimeout as after } from "node:timers/promises";
import { byeEvent, type Denial } from "../protocol.js";
import { gateKey, packetTypes, type ClientInternals, type EngineConnection } from "./internals.js";
import { inOneCall, together } from "./together.js";

// Closing one costs about 0.1 ms; what the slice before closed is heard of in the same turn, and costs as much again.
const sliceTime = 5;
// How long a slow client may take to hear a goodbye when the server stops.
const patience = 1_000;

interface Ending {
  readonly client: ClientInternals;
  readonly reason: Denial;
}

export class Closer {
  readonly #waiting: Ending[] = [];
  readonly #moreEnd: () => boolean;
  #scheduled = false;

  /** `moreEnd` ends what is due to end, too, and says whether that takes another turn: until then nothing is closed. */
  constructor(moreEnd: () => boolean) {
    this.#moreEnd = moreEnd;
  }

  /** Whether this connection is ending, or has ended. */
  isEnding(client: ClientInternals): boolean {
    return client.writeToEngine === silent;
  }

  /**
   * Ends every session of a connection for one reason. Each socket hears `guard:bye`, then the connection closes: not
   * before all that end together are silent, for a host's "disconnect" listener may broadcast. Without
   * `others` its one session has ended already.
   */
  end(client: ClientInternals, reason: Denial, others = true): void {
    // Thousands end in one turn, before the first is closed: so this makes nothing, and touches nothing, that it need not.
    if (this.isEnding(client)) return;
    client.writeToEngine = silent;
    if (others) for (const socket of client.sockets.values()) socket[gateKey]?.markEnded(reason);
    this.#waiting.push({ client, reason });
    this.#schedule();
  }

  /** Closes all that wait, now: the server is about to stop. Settles when they are closed, after a second at most. */
  async finish(): Promise<void> {
    const endings = this.#waiting.splice(0);
    for (const ending of endings) closeInOneCall(ending);
    await Promise.race([Promise.all(endings.map(({ client }) => closing(client.conn))), after(patience, undefined, { ref: false })]);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#slice());
  }

  #slice(): void {
    this.#scheduled = false;
    if (this.#waiting.length === 0) return;
    if (this.#moreEnd()) return this.#schedule();
    const end = performance.now() + sliceTime;
    let closed = 0;
    for (; closed < this.#waiting.length && performance.now() < end; closed += 1) closeInOneCall(this.#waiting[closed]!);
    this.#waiting.splice(0, closed);
    if (this.#waiting.length > 0) this.#schedule();
  }
}

// Between its end and its slice, a connection hears nothing.
function silent(): void {}

function closeInOneCall(ending: Ending): void {
  inOneCall(ending.client.conn, () => close(ending));
}

function close({ client, reason }: Ending): void {
  delete client.writeToEngine;
  const sockets = [...client.sockets.values()];
  for (const socket of sockets) socket[gateKey]?.answerWaiting(reason);
  together(client.conn, () => {
    for (const socket of sockets) socket.packet({ type: packetTypes.event, data: [byeEvent, farewell(reason)] });
    for (const socket of sockets) socket.packet({ type: packetTypes.disconnect });
  });
  // That was the last word: what the host's listeners send to the connection now is too late.
  client.writeToEngine = silent;
  for (const socket of sockets) socket[gateKey]?.left();
  try {
    client._disconnect();
  } catch (error) {
    // A host's "disconnect" listener threw: it is thrown again where it would have been, and the others are still closed.
    setImmediate(() => { throw error; });
    client.close();
  }
}

function closing(conn: EngineConnection): Promise<void> {
  return new Promise((resolve) => {
    if (conn.readyState === "closed") resolve();
    else conn.once("close", resolve);
  });
}

/** Whoever is sent away is always told what to do: where the code has no advice, not to come back by itself. */
function farewell(reason: Denial): Denial {
  return reason.reconnect === undefined ? { ...reason, reconnect: "never" } : reason;
}
