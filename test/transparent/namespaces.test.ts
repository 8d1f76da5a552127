// Namespaces: static, dynamic, and several on one connection.
import { describe } from "mocha";
import { Manager } from "socket.io-client";
import type { Namespace, Socket } from "socket.io";
import { closeLater, event, namespacesOf } from "../support/server.js";
import { join, sameAsBare, settled, type Stage } from "./transparent.js";

/** Answers `settled` in a namespace. */
const settling = (namespace: { on(name: "connection", listener: (socket: Socket) => void): unknown }) =>
  namespace.on("connection", (socket) => void socket.on("settled", (ack: () => void) => ack()));

/** Two namespaces on one connection. */
async function two(stage: Stage) {
  for (const name of ["/", "/other"]) settling(stage.io.of(name));
  const first = await join(stage);
  const { auth } = first.client as unknown as { auth: object };
  const connected = event<Socket>(stage.io.of("/other"), "connection");
  const second = first.client.io.socket("/other", { auth: auth as Record<string, unknown> });
  closeLater(() => second.disconnect());
  const [socket] = await Promise.all([connected, event(second, "connect")]);
  return { first, second: { client: second, socket } };
}

describe("namespaces", () => {
  sameAsBare("on one connection share it, and have rooms, data and events of their own", async (stage) => {
    const { first, second } = await two(stage);
    const { note } = stage;
    note(first.socket.conn === second.socket.conn, first.socket.client === second.socket.client, first.socket.id === second.socket.id);
    for (const [name, { socket, client }] of Object.entries({ first, second })) {
      socket.on("news", (value: unknown) => note([name, "server", value]));
      client.on("news", (value: unknown) => note([name, "client", value]));
      await socket.join("room");
    }
    first.client.emit("news", 1);
    await settled(first.client);
    second.client.emit("news", 2);
    await settled(second.client);
    stage.io.to("room").emit("news", 3);
    stage.io.of("/other").to("room").emit("news", 4);
    for (const { client } of [first, second]) await settled(client);
    note(first.socket.rooms, second.socket.rooms, namespacesOf(stage.io));
  });

  sameAsBare("are left one by one, and all at once", async (stage) => {
    const { first, second } = await two(stage);
    const { note } = stage;
    const left = event(second.socket, "disconnect");
    second.client.disconnect();
    note(await left, first.socket.connected, second.socket.connected);
    const back = event<Socket>(stage.io.of("/other"), "connection");
    second.client.connect();
    const socket = await back;
    const both = [event(first.socket, "disconnect"), event(socket, "disconnect"), event(first.client, "disconnect"), event(second.client, "disconnect")];
    socket.disconnect(true);
    note(await Promise.all(both));
  });

  sameAsBare("of which one disconnects its socket keep the other", async (stage) => {
    const { first, second } = await two(stage);
    const gone = event(second.client, "disconnect");
    second.socket.disconnect();
    stage.note(await gone);
    await settled(first.client);
    stage.note(first.client.connected, first.socket.connected);
  });

  sameAsBare("refuse by a middleware of their own", async (stage) => {
    stage.io.of("/closed").use((_socket, next) => next(new Error("closed")));
    settling(stage.io);
    const { client } = await join(stage);
    const { auth } = client as unknown as { auth: object };
    const refused = client.io.socket("/closed", { auth: auth as Record<string, unknown> });
    stage.note((await event<Error>(refused, "connect_error")).message);
    await settled(client);
  });

  sameAsBare("that do not exist are refused", async (stage) => {
    const { message } = await event<Error>(stage.client("/nowhere"), "connect_error");
    stage.note(message, namespacesOf(stage.io));
  });

  sameAsBare("that match a pattern are made when a client asks for them", async (stage) => {
    const { io, note } = stage;
    const parent = io.of(/^\/room-\d+$/);
    io.on("new_namespace", (namespace: Namespace) => note(["new", namespace.name]));
    parent.use((socket, next) => { note(["middleware", socket.nsp.name]); next(); });
    parent.on("connection", (socket) => {
      note(["connection", socket.nsp.name, socket.nsp === io.of(socket.nsp.name)]);
      socket.on("settled", (ack: () => void) => ack());
    });
    const one = await join(stage, "/room-1");
    const other = await join(stage, "/room-2");
    const third = await event<Error>(stage.client("/room-x"), "connect_error");
    for (const { client } of [one, other]) client.on("news", (value: unknown) => note([client.io.opts.path, value]));
    parent.emit("news", "for all rooms");
    for (const { client } of [one, other]) await settled(client);
    note(third.message, namespacesOf(io));
  });

  sameAsBare("that a function allows are made when a client asks for them, and again when they were removed", async (stage) => {
    const { io, note } = stage;
    const parent = io.of((name, auth, next) => next(null, name === "/allowed" && "token" in auth));
    parent.on("connection", (socket) => note([socket.nsp.name, io.of("/allowed").sockets.size]));
    for (let count = 0; count < 2; count += 1) {
      const { client, socket } = await join({ ...stage, io: { of: () => parent } as never }, "/allowed");
      const gone = event(socket, "disconnect");
      client.disconnect();
      await gone;
      note(namespacesOf(io));
    }
    note((await event<Error>(stage.client("/other"), "connect_error")).message);
  }, { server: { cleanupEmptyChildNamespaces: true } });

  sameAsBare("are listed with their sockets while a manager multiplexes", async (stage) => {
    const names = ["/", "/one", "/two", "/three"];
    for (const name of names) settling(stage.io.of(name));
    const { auth } = stage.client("/", { autoConnect: false }) as unknown as { auth: Record<string, unknown> };
    const manager = new Manager(stage.address, { transports: ["websocket"], reconnection: false });
    closeLater(() => manager._close());
    const clients = names.map((name) => manager.socket(name, { auth }));
    await Promise.all(clients.map((client) => event(client, "connect")));
    for (const client of clients) await settled(client);
    stage.note(names.map((name) => [name, stage.io.of(name).sockets.size]), stage.io.engine.clientsCount);
  });
});
