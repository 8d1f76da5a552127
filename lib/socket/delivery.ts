/** How an allowed event reaches the handlers: as in Socket.IO, but one tick sooner where no code of the host runs in between. */
import { EventEmitter } from "node:events";
import { packetTypes, type Packet, type SocketInternals } from "./internals.js";

const emitter = EventEmitter.prototype as unknown as { emit: { apply(self: EventEmitter, args: unknown[]): void } };
const emit = emitter.emit;

/** Whether no code of the host runs between a packet and the handlers: no middleware, no onAny listener, no patched method. */
export function isDirect(socket: SocketInternals): boolean {
  const listeners = socket._anyListeners;
  return socket.fns.length === 0 && (listeners === undefined || listeners.length === 0) && !isPatched(socket);
}

/** Calls the handlers of `[event, ...args]`. With `alwaysAck` they get a function last, even if the client asked for no ack. */
export function callHandlers(socket: SocketInternals, packet: Packet, data: unknown[], alwaysAck: boolean): void {
  addAck(socket, packet, data, alwaysAck);
  emit.apply(socket, data);
}

/** Delivers through the host's middlewares and onAny listeners. After the first event that goes this way, all others follow, so that none overtakes it. */
export class Detour {
  readonly #socket: SocketInternals;
  /** Checks the session once more, for handlers that run a tick later. */
  readonly #isStillValid: (packet: Packet) => boolean;
  #watchesRun = false;

  constructor(socket: SocketInternals, isStillValid: (packet: Packet) => boolean) {
    this.#socket = socket;
    this.#isStillValid = isStillValid;
  }

  deliver(packet: Packet, data: unknown[], alwaysAck: boolean): void {
    const socket = this.#socket;
    if (!isPatched(socket)) {
      addAck(socket, packet, data, alwaysAck);
      return this.#dispatch(packet, data);
    }
    // A patched `onevent` adds the ack itself, if the client asked for one.
    if (packet.id == null) addAck(socket, packet, data, alwaysAck);
    this.#watchRun();
    socket.onevent(packet);
  }

  /** Behind a patched `onevent`, too, the host's middlewares may be asynchronous: the session is checked after them. */
  #watchRun(): void {
    if (this.#watchesRun) return;
    this.#watchesRun = true;
    const socket = this.#socket;
    const run = socket.run.bind(socket);
    socket.run = (data, done) => run(data, (error) => {
      if (error !== undefined || this.#isStillValid({ type: packetTypes.event, data })) done(error);
    });
  }

  /** Does what `onevent` and `dispatch` of Socket.IO do. But the session is checked again, and a middleware that calls `next` twice counts once. */
  #dispatch(packet: Packet, data: unknown[]): void {
    const socket = this.#socket;
    for (const listener of [...(socket._anyListeners ?? [])]) listener.apply(socket, data);
    let isAnswered = false;
    socket.run(data, (error) => {
      if (isAnswered) return;
      isAnswered = true;
      process.nextTick(() => {
        if (error) socket._onerror(error);
        else if (socket.connected && this.#isStillValid(packet)) emit.apply(socket, data);
      });
    });
  }
}

export function addAck(socket: SocketInternals, packet: Packet, data: unknown[], alwaysAck: boolean): void {
  if (packet.id != null) data.push(socket.ack(packet.id));
  else if (alwaysAck) data.push(ignored);
}

/** Given to a handler in place of an ack that the client did not ask for: calling it must not end the process. */
function ignored(): void {}

/** Whether a library of the host has put an `onevent` or `dispatch` of its own on this socket. */
function isPatched(socket: SocketInternals): boolean {
  return Object.hasOwn(socket, "onevent") || Object.hasOwn(socket, "dispatch");
}
