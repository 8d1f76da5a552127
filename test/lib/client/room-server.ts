// For tests of rooms in the client: a plain Socket.IO server that speaks the wire of rooms. The test decides what it answers.
import type { Socket } from "socket.io";
import type { GuardRoom, JoinOptions } from "../../../lib/client/index.js";
import { denial, sessionEvent, type DenialCode, type Denied, type JoinRequest, type PublishRequest } from "../../../lib/protocol.js";
import { openGuardClient, wireServer, type Harness, type Setting, type WireServer } from "./support.js";

interface Requests {
  readonly "guard:join": JoinRequest;
  readonly "guard:leave": { readonly room: string };
  readonly "guard:publish": PublishRequest;
}

export class RoomServer {
  readonly wire: WireServer;
  /** What the server answers: a value, a promise, or nothing if it is undefined. By default everything is allowed, and no room has presence. */
  answer: (event: keyof Requests, request: { readonly room: string }, socket: Socket) => unknown = (_, { room }) => ({ room });
  readonly #sent: { readonly [Event in keyof Requests]: Requests[Event][] } = { "guard:join": [], "guard:leave": [], "guard:publish": [] };
  readonly #signingIds = new Map<Socket, string>();
  #subject: string | null = "alice";
  #lastId = 0;
  #watchers: (() => void)[] = [];

  constructor(wire: WireServer) {
    this.wire = wire;
    wire.notice = (socket) => this.#sessionOf(socket);
    wire.io.on("connection", (socket) => {
      for (const event of ["guard:join", "guard:leave", "guard:publish"] as const) {
        socket.on(event, (request: Requests[typeof event], answer: (given: unknown) => void) => this.#serve(event, request, answer, socket));
      }
    });
  }

  /** All requests of this kind, in order. */
  sent<Event extends keyof Requests>(event: Event): readonly Requests[Event][] {
    return this.#sent[event];
  }

  /** Resolves with them once there have been this many. */
  async seen<Event extends keyof Requests>(event: Event, count: number): Promise<readonly Requests[Event][]> {
    while (this.#sent[event].length < count) await new Promise<void>((resolve) => this.#watchers.push(resolve));
    return this.#sent[event];
  }

  /** Sends a notice to all clients. */
  send(event: "guard:room" | "guard:published" | "guard:presence" | "guard:left", notice: object): void {
    this.wire.io.emit(event, notice);
  }

  /** The server removes all clients from a room. */
  remove(room: string, code: DenialCode): void {
    this.send("guard:left", denial(code, { room }));
  }

  /** The session of all clients is renewed; with a subject, it gets another `signingId` as well, as after a sign-in. */
  renew(subject?: string | null): void {
    if (subject !== undefined) {
      this.#subject = subject;
      this.#signingIds.clear();
    }
    for (const socket of this.wire.io.of("/").sockets.values()) socket.emit(sessionEvent, { expiresIn: 3_600_000, expiresAt: Date.now() + 3_600_000 + ++this.#lastId, ...this.#sessionOf(socket) });
  }

  #sessionOf(socket: Socket): object {
    if (!this.#signingIds.has(socket)) this.#signingIds.set(socket, `${(this.#lastId += 1)}.1`);
    return { subject: this.#subject, signingId: this.#signingIds.get(socket) };
  }

  async #serve<Event extends keyof Requests>(event: Event, request: Requests[Event], answer: (given: unknown) => void, socket: Socket): Promise<void> {
    this.#sent[event].push(request);
    for (const watcher of this.#watchers.splice(0)) watcher();
    const given = this.answer(event, request, socket);
    if (given instanceof Promise) answer(await given);
    else if (given !== undefined) answer(given);
  }
}

export interface RoomHarness extends Harness {
  readonly server: RoomServer;
  readonly join: (room?: string, options?: JoinOptions) => Promise<GuardRoom>;
}

/** A server, and a client that joins its lobby. */
export async function openRooms(setting: Setting = {}): Promise<RoomHarness> {
  const server = new RoomServer(await wireServer(() => 3_600_000));
  const harness = openGuardClient(server.wire, setting);
  return { ...harness, server, join: (room = "lobby", options = {}) => harness.client.join(room, options) };
}

export function denied(code: DenialCode, retryAfter?: number): Denied {
  return { error: denial(code, { event: "guard:join", room: "lobby", ...(retryAfter !== undefined && { retryAfter }) }) };
}

/** What the server sends to this client until the next turn of its event loop leaves in one piece, so that the client reads it at once. */
export function inOnePiece(socket: Socket): void {
  const { _socket: stream } = (socket.conn.transport as unknown as { socket: { _socket: { cork(): void; uncork(): void } } }).socket;
  stream.cork();
  setImmediate(() => stream.uncork());
}

/** Resolves once the room has this status. */
export function becomes(room: GuardRoom, status: GuardRoom["status"]): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (room.status !== status) return;
      stop();
      resolve();
    };
    const stop = room.subscribe(look);
    look();
  });
}

/** Resolves with the next event of this name from the server. */
export const heard = (room: GuardRoom, name: string): Promise<unknown> => new Promise((resolve) => {
  const stop = room.on(name, (data) => { stop(); resolve(data); });
});

/** Collects what a room's subscriber sees at each change. */
export function statuses(room: GuardRoom): string[] {
  const seen: string[] = [];
  room.subscribe(() => seen.push(room.status));
  return seen;
}

export const failure = (promise: Promise<unknown>): Promise<Error & Record<string, unknown>> =>
  promise.then(() => { throw new Error("It did not reject."); }, (error: Error & Record<string, unknown>) => error);
