/** The packets of one socket, in order: while an answer is awaited for one of them, those behind it wait. */
import type { LiveSession } from "../session/session.js";
import type { Measurements } from "../metrics/measurements.js";
import type { Packet } from "./internals.js";

export interface PacketQueueOptions {
  /** How many packets may wait. */
  readonly queueLimit: number;
  /** Knows how many packets wait on all sockets. */
  readonly measurements: Pick<Measurements, "waiting">;
}

export class PacketQueue {
  readonly #session: LiveSession;
  readonly #options: PacketQueueOptions;
  readonly #handle: (packet: Packet) => void;
  readonly #waiting: Packet[] = [];
  /** The packet for which an answer is awaited. */
  #inFlight: Packet | undefined = undefined;
  #isBlocked = false;

  /** `handle` is called with each packet that has waited, when it is its turn. */
  constructor(session: LiveSession, options: PacketQueueOptions, handle: (packet: Packet) => void) {
    this.#session = session;
    this.#options = options;
    this.#handle = handle;
  }

  /** Whether a packet that comes now has to wait. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** Returns false if too many wait already. */
  add(packet: Packet): boolean {
    const { queueLimit, measurements } = this.#options;
    if (this.#waiting.length >= queueLimit) return false;
    measurements.waiting += 1;
    this.#waiting.push(packet);
    return true;
  }

  /** Calls `settle` with the answer, outside of the promise: an error of a handler must reach the host as in bare Socket.IO. */
  wait<Answer>(packet: Packet, answer: Promise<Answer>, settle: (answer: Answer) => void): void {
    this.#isBlocked = true;
    this.#inFlight = packet;
    void answer.then((value) => process.nextTick(() => this.#run(() => {
      this.#inFlight = undefined;
      settle(value);
    })));
  }

  /** Removes every packet that has no answer yet, and returns them. */
  empty(): readonly Packet[] {
    const inFlight = this.#inFlight === undefined ? [] : [this.#inFlight];
    this.#options.measurements.waiting -= this.#waiting.length;
    return [...inFlight, ...this.#waiting.splice(0)];
  }

  #run(work: () => void): void {
    // After the end of the session nothing is handled: what waits is answered when the connection closes.
    if (this.#session.ended !== undefined) return;
    try {
      work();
    } finally {
      if (this.#inFlight === undefined) this.#advance();
    }
  }

  #advance(): void {
    if (this.#waiting.length === 0) this.#isBlocked = false;
    else process.nextTick(() => this.#run(() => this.#next()));
  }

  #next(): void {
    const packet = this.#waiting.shift();
    // A handler of the packet before it may have disconnected the socket.
    if (packet === undefined) return;
    this.#options.measurements.waiting -= 1;
    this.#handle(packet);
  }
}
