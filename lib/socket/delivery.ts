/** How an allowed event reaches the handlers: as in Socket.IO, but a tick sooner where nothing stands in between. */
import { EventEmitter } from "node:events";
import { packetTypes, type Packet, type SocketInternals } from "./internals.js";

/** Looks at the session once more, for handlers that run a tick later. */
export interface Holder {
  stillHolds(packet: Packet): boolean;
}

const emitter = EventEmitter.prototype as unknown as { emit: { apply(self: EventEmitter, args: unknown[]): void } };
const emit = emitter.emit;

/** Given to a handler whose client asked for no ack: calling it must not end the process. */
function nobodyAsked(): void {}

export class Delivery {
  readonly #socket: SocketInternals;
  /** Once a packet took the long way, those after it follow: else they would overtake it. */
  #takesLongWay = false;
  #watchesRun = false;

  constructor(socket: SocketInternals) {
    this.#socket = socket;
  }

  /** Hands on `[event, ...args]`. With `alwaysAck` the handler gets a function last even if none was asked for. */
  deliver(packet: Packet, data: unknown[], alwaysAck: boolean, holder: Holder): void {
    const socket = this.#socket;
    if (isPatched(socket)) {
      if (alwaysAck && packet.id == null) data.push(nobodyAsked);
      this.#takesLongWay = true;
      this.#watchRun(holder);
      return socket.onevent(packet);
    }
    if (packet.id != null) data.push(socket.ack(packet.id));
    else if (alwaysAck) data.push(nobodyAsked);
    const listeners = socket._anyListeners;
    if (!this.#takesLongWay && socket.fns.length === 0 && (listeners === undefined || listeners.length === 0)) {
      emit.apply(socket, data);
    } else {
      this.#longWay(packet, data, holder);
    }
  }

  /** Behind a library's `onevent` the host's middlewares may take their time as well: the session is looked at after them. */
  #watchRun(holder: Holder): void {
    if (this.#watchesRun) return;
    this.#watchesRun = true;
    const socket = this.#socket;
    const run = socket.run.bind(socket);
    socket.run = (data, done) => run(data, (error) => {
      if (error !== undefined || holder.stillHolds({ type: packetTypes.event, data })) done(error);
    });
  }

  /** What `onevent` and `dispatch` of Socket.IO do; but the session is looked at again, and a middleware counts once. */
  #longWay(packet: Packet, data: unknown[], holder: Holder): void {
    const socket = this.#socket;
    this.#takesLongWay = true;
    for (const listener of [...(socket._anyListeners ?? [])]) listener.apply(socket, data);
    let answered = false;
    socket.run(data, (error) => {
      if (answered) return;
      answered = true;
      process.nextTick(() => {
        if (error) socket._onerror(error);
        else if (socket.connected && holder.stillHolds(packet)) emit.apply(socket, data);
      });
    });
  }
}

/** Whether a library of the host has put its own `onevent` or `dispatch` on this socket: then they are called. */
function isPatched(socket: SocketInternals): boolean {
  return Object.hasOwn(socket, "onevent") || Object.hasOwn(socket, "dispatch");
}
