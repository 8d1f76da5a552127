// Connection state recovery with Socket.IO's default options: what a client gets back after its connection broke.
import { describe } from "mocha";
import type { Socket } from "socket.io";
import type { Socket as Client } from "socket.io-client";
import { collector, event } from "../support/server.js";
import { dataOf } from "./guards.js";
import { join, sameAsBare, settled, type Stage } from "./transparent.js";

const setting = { server: { connectionStateRecovery: {} } };

/** A client in two rooms that has heard an event, without which it has no offset. */
async function member(stage: Stage) {
  stage.io.on("connection", (socket) => socket.on("settled", (ack: () => void) => ack()));
  const joined = await join(stage);
  await joined.socket.join(["red", "blue"]);
  Object.assign(joined.socket.data, { name: "Alice" });
  const heard = event(joined.client, "news");
  joined.socket.emit("news", "heard");
  await heard;
  await settled(joined.client);
  return joined;
}

async function breakConnection({ client, socket }: { client: Client; socket: Socket }): Promise<void> {
  const gone = event(socket, "disconnect");
  client.io.engine.close();
  await gone;
}

async function comeBack({ io }: Pick<Stage, "io">, client: Client): Promise<Socket> {
  const back = event<Socket>(io, "connection");
  client.connect();
  const [socket] = await Promise.all([back, event(client, "connect")]);
  return socket;
}

describe("connection state recovery", () => {
  sameAsBare("gives back the id, rooms, data and missed events of a client whose connection broke", async (stage) => {
    const { io, note } = stage;
    const { client, socket } = await member(stage);
    await breakConnection({ client, socket });
    const missed = collector(4);
    client.on("news", (...args: unknown[]) => missed.push(args));
    io.emit("news", "to everybody");
    io.to("red").emit("news", "to a room", Buffer.from([1]));
    io.to(["red", "blue"]).emit("news", "to both rooms, once");
    socket.emit("news", "to the socket");
    io.to("green").emit("news", "to another room");
    io.volatile.emit("news", "volatile");
    const back = await comeBack(stage, client);
    // An offset follows each event, which differs from run to run.
    note((await missed.full).map((args) => (args as unknown[]).slice(0, -1)));
    note(back === socket, back.id === socket.id, back.recovered, client.recovered, back.rooms, dataOf(back));
    await settled(client);
  }, setting);

  sameAsBare("runs no middleware for a client that is recovered, unless it is asked to", async (stage) => {
    stage.io.use((socket, next) => { stage.note(["middleware", socket.recovered]); next(); });
    const { client, socket } = await member(stage);
    await breakConnection({ client, socket });
    stage.note((await comeBack(stage, client)).recovered);
  }, setting);

  sameAsBare("is not there for a client that disconnected by itself", async (stage) => {
    const { client, socket } = await member(stage);
    const gone = event(socket, "disconnect");
    client.disconnect();
    await gone;
    stage.io.emit("news", "missed");
    const back = await comeBack(stage, client);
    stage.note(back.recovered, client.recovered, back.id === socket.id, back.rooms, dataOf(back));
  }, setting);

  sameAsBare("is not there for a client that the server disconnected", async (stage) => {
    const { client, socket } = await member(stage);
    const gone = event(client, "disconnect");
    socket.disconnect(true);
    await gone;
    const back = await comeBack(stage, client);
    stage.note(back.recovered, client.recovered, back.id === socket.id, back.rooms);
  }, setting);

  sameAsBare("is not there for a client that has heard no event yet", async (stage) => {
    const joined = await join(stage);
    await breakConnection(joined);
    const back = await comeBack(stage, joined.client);
    stage.note(back.recovered, joined.client.recovered);
  }, setting);

  sameAsBare("is there several times one after the other", async (stage) => {
    const { client, socket } = await member(stage);
    let current = socket;
    for (let count = 0; count < 3; count += 1) {
      await breakConnection({ client, socket: current });
      const missed = event(client, "news");
      stage.io.to("blue").emit("news", count);
      current = await comeBack(stage, client);
      stage.note(await missed, current.recovered, current.rooms);
      await settled(client);
    }
  }, setting);

  sameAsBare("is off unless it is asked for", async (stage) => {
    const { client, socket } = await member(stage);
    await breakConnection({ client, socket });
    const back = await comeBack(stage, client);
    stage.note(back.recovered, client.recovered, back.id === socket.id);
  });
});
