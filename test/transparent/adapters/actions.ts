// What a server does that concerns the sockets of other nodes. Each action answers what it observed itself.
import type { RemoteSocket, Server } from "socket.io";
import { eventually } from "../../support/eventually.js";
import { dataOf } from "../guards.js";

const bytes = Buffer.from([1, 2, 3]);

async function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then((value) => Array.isArray(value) ? value.sort() : value, ({ message, responses }: Error & { responses?: unknown }) => ({ message, responses }));
}

async function described(sockets: Promise<RemoteSocket<Record<string, never>, unknown>[]>): Promise<unknown> {
  const all = (await sockets).map(({ id, rooms, data, handshake }) => ({ data: dataOf({ data }), rooms: [...rooms].filter((room) => room !== id).sort(), secure: handshake.secure, name: handshake.query["name"] }));
  return all.sort((one, other) => String(one.name) < String(other.name) ? -1 : 1);
}

/** Settles when so many sockets are in the room. */
async function inLater(io: Server, count: number): Promise<void> {
  await eventually(async () => (await io.in("later").fetchSockets()).length === count, `${count} sockets are in the room`);
}

/** What a server does, and how many things clients hear or servers note of it. */
export const actions = {
  "emits to everybody": [2, (io) => void io.emit("news", 1, { two: [2] })],
  "emits a Buffer to everybody": [0, (io) => outcome(io.timeout(5_000).emitWithAck("question", { bytes }))],
  "emits to a room of the other node": [1, (io) => void io.to("ben").emit("news", 1)],
  "emits to several rooms": [2, (io) => void io.to(["ann", "ben", "nobody"]).emit("news", 1)],
  "emits to everybody except a room": [1, (io) => void io.except("ann").emit("news", 1)],
  "emits to its own clients alone": [1, (io) => void io.local.emit("news", 1)],
  "emits without delivery guarantee": [2, (io) => void io.volatile.emit("news", 1)],
  "emits in another namespace": [0, (io) => void io.of("/other").emit("news", 1)],
  "emits as a socket, to all others": [1, (io) => void [...io.sockets.sockets.values()][0]!.broadcast.emit("news", 1)],
  "asks all clients": [0, (io) => outcome(io.timeout(5_000).emitWithAck("question", 1))],
  "asks the clients of a room": [0, (io) => outcome(io.to("ben").timeout(5_000).emitWithAck("question", 1))],
  "asks clients of which one does not answer": [0, (io) => outcome(io.timeout(2_000).emitWithAck("question of ann", 1))],
  "fetches all sockets": [0, (io) => described(io.fetchSockets())],
  "fetches the sockets of a room": [0, (io) => described(io.in("ben").fetchSockets())],
  "makes all sockets join a room": [0, (io) => { io.socketsJoin("later"); return inLater(io, 2); }],
  "emits to a room that all joined": [2, (io) => void io.to("later").emit("news", 1)],
  "makes a socket of the other node leave a room": [0, (io) => { io.in("ben").socketsLeave("later"); return inLater(io, 1); }],
  "emits to a room that one left": [1, (io) => void io.to("later").emit("news", 1)],
  "emits to the other servers": [1, (io) => void io.serverSideEmit("server news", 1)],
  "asks the other servers": [0, (io) => outcome(io.serverSideEmitWithAck("server question", 1))],
  "counts the servers": [0, (io) => io.of("/").adapter.serverCount()],
  "disconnects the socket of the other node": [2, (io) => void io.in("ben").disconnectSockets(true)],
} satisfies Record<string, readonly [heard: number, act: (io: Server) => unknown]>;

export type Action = keyof typeof actions;

/** The server side of each node. `note` hears what other servers say. */
export function prepare(io: Server, note: (...things: unknown[]) => void): void {
  io.of("/other");
  io.on("connection", (socket) => {
    const name = socket.handshake.query["name"] as string;
    Object.assign(socket.data, { name, nested: { bytes: [1, 2] } });
    void socket.join([name, "everybody"]);
    socket.on("ready", (ack: () => void) => ack());
    socket.on("disconnect", (reason) => note("left", reason));
  });
  io.on("server news", (value: unknown) => note("server news", value));
  io.on("server question", (value: number, ack: (value: number) => void) => ack(value + 1));
}
