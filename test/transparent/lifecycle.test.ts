// A socket's life as host code sees it: connecting, what it holds at each moment, and every way in which it ends.
import { describe } from "mocha";
import type { Socket } from "socket.io";
import type { Socket as Client } from "socket.io-client";
import { event, nextTurn } from "../support/server.js";
import { dataOf } from "./guards.js";
import { join, sameAsBare, settled, type Stage } from "./transparent.js";

/** Notes what a socket is at each moment of its life. */
function noteLife({ io, note }: Pick<Stage, "io" | "note">): void {
  const noteMoment = (moment: string, socket: Socket, ...more: unknown[]) =>
    note([moment, ...more, { connected: socket.connected, recovered: socket.recovered, isListed: io.sockets.sockets.has(socket.id), rooms: socket.rooms, data: dataOf(socket) }]);
  io.use((socket, next) => {
    noteMoment("middleware", socket);
    Object.assign(socket.data, { seen: "middleware" });
    void socket.join("joined in a middleware");
    next();
  });
  for (const name of ["connect", "connection"] as const) {
    io.on(name, (socket: Socket) => {
      noteMoment(name, socket);
      Object.assign(socket.data, { [name]: true });
      if (name === "connect") return;
      void socket.join(["red", "blue"]);
      noteMoment("joined", socket);
      socket.on("settled", (ack: () => void) => ack());
      socket.on("disconnecting", (reason) => noteMoment("disconnecting", socket, reason));
      socket.on("disconnect", (reason) => noteMoment("disconnect", socket, reason));
    });
  }
}

/** Connects, ends in one way, and notes what both sides see of it. */
function ends(sentence: string, end: (both: { client: Client; socket: Socket; io: Stage["io"] }) => unknown): void {
  sameAsBare(sentence, async (stage) => {
    noteLife(stage);
    const { client, socket } = await join(stage);
    await settled(client);
    const gone = [event(socket, "disconnect"), event(client, "disconnect")];
    await end({ client, socket, io: stage.io });
    const [, reason] = await Promise.all(gone);
    stage.note(["the client hears", reason, { connected: client.connected, active: client.active }]);
    await nextTurn();
    stage.note(["afterwards", { connected: socket.connected, rooms: socket.rooms, sockets: stage.io.sockets.sockets.size, adapterRooms: [...stage.io.sockets.adapter.rooms.keys()] }]);
  });
}

describe("the life of a socket", () => {
  describe("has the same moments, rooms and data", () => {
    ends("when its client disconnects", ({ client }) => client.disconnect());
    ends("when the client's connection breaks", ({ client }) => client.io.engine.close());
    ends("when its handler disconnects it", ({ socket }) => socket.disconnect());
    ends("when its handler closes the whole connection", ({ socket }) => socket.disconnect(true));
    ends("when io.disconnectSockets ends it", ({ io }) => io.disconnectSockets());
    ends("when io.in(room).disconnectSockets(true) ends it", ({ io }) => io.in("red").disconnectSockets(true));
    ends("when the engine closes its connection", ({ socket }) => socket.conn.close());
    ends("when the server closes", ({ io }) => void io.close());
  });

  sameAsBare("calls connect and connection listeners in the order in which they were added, on io and on the namespace", async (stage) => {
    const { io, note } = stage;
    io.on("connection", () => note("first connection"));
    io.of("/").on("connect", () => note("first connect"));
    io.on("connect", () => note("second connect"));
    io.sockets.prependListener("connection", () => note("prepended connection"));
    io.once("connection", () => note("once"));
    io.of("/").on("connection", () => note("second connection"));
    await join(stage);
    await join(stage);
  });

  sameAsBare("runs middlewares one after the other, also those that take their time", async (stage) => {
    const { io, note } = stage;
    io.use((_socket, next) => {
      note("first begins");
      void nextTurn().then(() => {
        note("first ends");
        next();
      });
    });
    io.use((socket, next) => {
      note(["second", socket.connected, [...socket.rooms]]);
      setTimeout(next, 1);
    });
    io.of("/").use((_socket, next) => { note("third"); next(); });
    io.on("connection", () => note("connected"));
    await join(stage);
  });

  sameAsBare("refuses with a middleware's error and its data, and runs no middleware after it", async ({ io, client, note }) => {
    io.use((socket, next) => {
      void socket.join("room");
      next(Object.assign(new Error("not today"), { data: { until: "tomorrow" } }));
    });
    io.use((_socket, next) => { note("never"); next(); });
    io.on("connection", () => note("never"));
    const refused = client();
    refused.on("connect", () => note("never"));
    const error = await event<Error & { data?: unknown }>(refused, "connect_error");
    await nextTurn();
    note(error.message, error.data, refused.connected, refused.active, io.sockets.sockets.size, io.sockets.adapter.rooms.size);
  });

  sameAsBare("lets a client that was refused try again", async ({ io, client, note }) => {
    io.use((socket, next) => next(socket.handshake.auth["attempt"] === 2 ? undefined : new Error("once more")));
    const opened = client("/", { auth: { attempt: 1 } });
    note((await event<Error>(opened, "connect_error")).message);
    Object.assign(opened.auth, { attempt: 2 });
    opened.connect();
    await event(opened, "connect");
    note(opened.connected);
  });

  sameAsBare("gives a client that comes back another socket with its own rooms and data", async (stage) => {
    const { note } = stage;
    noteLife(stage);
    const { client, socket } = await join(stage);
    await settled(client);
    const gone = event(socket, "disconnect");
    client.disconnect();
    await gone;
    const again = event<Socket>(stage.io, "connection");
    client.connect();
    const other = await again;
    await event(client, "connect");
    note(other === socket, other.id === socket.id);
  });

  sameAsBare("knows the handshake: query, headers, url and whether it is secure", async (stage) => {
    const { socket } = await join(stage, "/", { query: { room: "lobby" }, extraHeaders: { "x-client": "test" }, auth: { name: "Alice" } });
    const { query, headers, url, secure, xdomain, auth, address } = socket.handshake;
    stage.note(query["room"], query["transport"], headers["x-client"], headers["user-agent"], url.split("?")[0], secure, xdomain, auth["name"], address);
    stage.note(socket.request.headers["x-client"], socket.client.conn.transport.name, socket.conn === socket.client.conn);
  });
});
