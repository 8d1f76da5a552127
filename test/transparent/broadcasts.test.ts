// Who hears a broadcast, and what the server can ask of and do to many sockets at once.
import { describe } from "mocha";
import type { Socket } from "socket.io";
import { event } from "../support/server.js";
import { dataOf } from "./guards.js";
import { join, sameAsBare, settled, type Stage } from "./transparent.js";

/** Three clients in rooms. `arrived` notes what each of them has heard: their connections have no order among each other. */
async function crowd(stage: Stage) {
  const heard = new Map<string, unknown[]>();
  stage.io.on("connection", (socket) => socket.on("settled", (ack: () => void) => ack()));
  const everybody: Awaited<ReturnType<typeof join>>[] = [];
  for (const name of ["ann", "ben", "cleo"]) {
    const member = await join(stage);
    const own: unknown[] = [];
    heard.set(name, own);
    member.client.on("news", (...args: unknown[]) => own.push(args));
    Object.assign(member.socket.data, { name });
    await member.socket.join([name, "everybody", ...(name === "cleo" ? [] : ["few"])]);
    everybody.push(member);
  }
  const [ann, ben, cleo] = everybody.map(({ socket }) => socket) as [Socket, Socket, Socket];
  const arrived = async () => {
    for (const { client } of everybody) await settled(client);
    for (const [name, own] of heard) stage.note([name, ...own.splice(0)]);
  };
  return { ann, ben, cleo, clients: everybody.map(({ client }) => client), arrived };
}

const broadcasts: [name: string, send: (stage: Stage, members: Awaited<ReturnType<typeof crowd>>) => unknown][] = [
  ["io.emit", ({ io }) => io.emit("news")],
  ["io.to of one room", ({ io }) => io.to("few").emit("news", 1)],
  ["io.in of several rooms", ({ io }) => io.in("ann").in("cleo").emit("news", 1)],
  ["io.to of a list", ({ io }) => io.to(["ann", "ben"]).emit("news", 1)],
  ["io.except", ({ io }) => io.except("few").emit("news", 1)],
  ["io.to and except", ({ io }) => io.to("everybody").except(["ann"]).emit("news", 1)],
  ["io.local", ({ io }) => io.local.emit("news", 1)],
  ["io.volatile", ({ io }) => io.volatile.emit("news", 1)],
  ["io.send", ({ io }) => io.send("message", 1)],
  ["a namespace's emit", ({ io }) => io.of("/").emit("news", 1)],
  ["socket.broadcast", (_stage, { ann }) => ann.broadcast.emit("news", 1)],
  ["socket.to", (_stage, { ann }) => ann.to("few").emit("news", 1)],
  ["socket.to oneself", (_stage, { ann }) => ann.to("ann").emit("news", 1)],
  ["socket.in and except", (_stage, { ann }) => ann.in("everybody").except("cleo").emit("news", 1)],
  ["socket.local.to", (_stage, { ben }) => ben.local.to("everybody").emit("news", 1)],
  ["a Buffer to a room", ({ io }) => io.to("few").emit("news", Buffer.from([1, 2]), { nested: Buffer.from([3]) })],
  ["a broadcast to an empty room", ({ io }) => io.to("nobody").emit("news", 1)],
  ["a broadcast operator that is used twice", ({ io }) => { const few = io.to("few"); few.emit("news", 1); few.except("ann").emit("news", 2); }],
];

describe("a broadcast", () => {
  for (const [name, send] of broadcasts) {
    sameAsBare(`reaches the same clients: ${name}`, async (stage) => {
      const members = await crowd(stage);
      await send(stage, members);
      await members.arrived();
    });
  }

  sameAsBare("reaches who joined, and not who left", async (stage) => {
    const { ann, cleo, arrived } = await crowd(stage);
    await cleo.join("few");
    await ann.leave("few");
    stage.io.to("few").emit("news", 1);
    await arrived();
    stage.io.in("everybody").socketsJoin("later");
    stage.io.in("ben").socketsLeave("later");
    stage.io.to("later").emit("news", 2);
    await arrived();
    stage.note(ann.rooms, cleo.rooms);
  });

  sameAsBare("asks fetchSockets of the same sockets, with their rooms, data and handshake", async (stage) => {
    const { ann } = await crowd(stage);
    for (const sockets of [await stage.io.fetchSockets(), await stage.io.in("few").fetchSockets(), await ann.broadcast.fetchSockets(), await stage.io.in("nobody").fetchSockets()]) {
      stage.note(sockets.map(({ id, rooms, data, handshake }) => [id, rooms, dataOf({ data: data as unknown }), handshake.url.split("?")[0]]));
    }
    stage.note(await stage.io.allSockets(), stage.io.sockets.adapter.rooms.get("few"), stage.io.engine.clientsCount);
  });

  sameAsBare("disconnects the sockets of a room", async (stage) => {
    const { clients, cleo } = await crowd(stage);
    const gone = [event(clients[0]!, "disconnect"), event(clients[1]!, "disconnect")];
    stage.io.in("few").disconnectSockets();
    stage.note(await Promise.all(gone), cleo.connected, clients[2]!.connected);
  });

  sameAsBare("tells the adapter of rooms that are created, joined, left and deleted", async (stage) => {
    const { note, io } = stage;
    for (const name of ["create-room", "join-room", "leave-room", "delete-room"]) io.of("/").adapter.on(name, (...args: unknown[]) => note([name, ...args]));
    const { client, socket } = await join(stage);
    await socket.join("room");
    await socket.leave("room");
    const gone = event(socket, "disconnect");
    client.disconnect();
    await gone;
  });
});
