// Host code that throws: the error surfaces where it does in Socket.IO, and the connection goes on as it does there.
import { describe } from "mocha";
import type { Socket } from "socket.io";
import { event } from "../support/server.js";
import { join, sameAsBare, settled, type Stage } from "./transparent.js";

/** The next error that would end the process, and whether it was thrown or rejected. The test runner does not see it. */
function nextFault(): Promise<unknown[]> {
  const kinds = ["uncaughtException", "unhandledRejection"] as const;
  const listeners = kinds.map((kind) => process.listeners(kind as "uncaughtException"));
  return new Promise((resolve) => {
    for (const kind of kinds) {
      process.removeAllListeners(kind);
      process.once(kind as "uncaughtException", (error) => {
        kinds.forEach((one, index) => {
          process.removeAllListeners(one);
          for (const listener of listeners[index]!) process.on(one as "uncaughtException", listener);
        });
        resolve([kind, error.message]);
      });
    }
  });
}

/** Where host code throws; `sent` makes it do so. */
const places: [place: string, listen: (socket: Socket) => void, sent: (stage: Stage, member: Awaited<ReturnType<typeof join>>) => unknown][] = [
  ["an event's listener", (socket) => socket.on("news", () => { throw new Error("thrown"); }), (_stage, { client }) => client.emit("news")],
  ["an event's asynchronous listener", (socket) => socket.on("news", () => Promise.reject(new Error("thrown"))), (_stage, { client }) => client.emit("news")],
  ["the first of two listeners", (socket) => {
    socket.on("news", () => { throw new Error("thrown"); });
    socket.on("news", () => { throw new Error("never"); });
  }, (_stage, { client }) => client.emit("news", Buffer.from([1]))],
  ["an onAny listener", (socket) => socket.onAny((name) => { if (name === "news") throw new Error("thrown"); }), (_stage, { client }) => client.emit("news")],
  ["a middleware of the socket", (socket) => socket.use(([name], next) => {
    if (name === "news") throw new Error("thrown");
    next();
  }), (_stage, { client }) => client.emit("news")],
  ["an acknowledgement's callback", () => undefined, (_stage, { client, socket }) => {
    client.on("question", (ack: () => void) => ack());
    socket.emit("question", () => { throw new Error("thrown"); });
  }],
  ["an onAnyOutgoing listener", (socket) => socket.onAnyOutgoing((name) => { if (name === "news") throw new Error("thrown"); }), (_stage, { socket }) =>
    void setImmediate(() => socket.emit("news"))],
];

describe("an error that host code throws", () => {
  for (const [place, listen, send] of places) {
    sameAsBare(`in ${place} is the process's, and the socket goes on`, async (stage) => {
      const { note } = stage;
      stage.io.on("connection", (socket) => {
        listen(socket);
        socket.on("settled", (ack: () => void) => ack());
      });
      const member = await join(stage);
      const thrown = nextFault();
      await send(stage, member);
      note(await thrown);
      await settled(member.client);
      note(member.socket.connected, member.client.connected);
    });
  }

  sameAsBare("in a middleware of the namespace is the process's, and the client waits", async ({ io, client, note }) => {
    io.use(() => { throw new Error("thrown"); });
    const thrown = nextFault();
    const opened = client();
    note(await thrown, opened.connected, io.sockets.sockets.size);
  });

  sameAsBare("in an asynchronous middleware of the namespace is the process's, and the client waits", async ({ io, client, note }) => {
    io.use(() => Promise.reject(new Error("thrown")) as never);
    const thrown = nextFault();
    const opened = client();
    note(await thrown, opened.connected, io.sockets.sockets.size);
  });

  for (const name of ["connect", "connection"] as const) {
    sameAsBare(`in a ${name} listener is the process's, and the client is connected`, async (stage) => {
      stage.io.on(name, (socket: Socket) => {
        socket.on("settled", (ack: () => void) => ack());
        throw new Error("thrown");
      });
      const thrown = nextFault();
      const opened = stage.client();
      stage.note(await thrown);
      await settled(opened);
      stage.note(opened.connected, stage.io.sockets.sockets.size);
    });
  }

  sameAsBare("in a disconnect listener is the process's, and the socket has left", async (stage) => {
    stage.io.once("connection", (socket) => {
      socket.once("disconnect", () => { throw new Error("thrown"); });
      socket.on("settled", (ack: () => void) => ack());
    });
    const { client, socket } = await join(stage);
    await settled(client);
    const thrown = nextFault();
    client.disconnect();
    stage.note(await thrown, socket.connected);
    await join(stage);
  });

  sameAsBare("is handed to the error listener of a socket if a middleware passes it on", async (stage) => {
    stage.io.on("connection", (socket) => {
      socket.use((_packet, next) => next(new Error("passed on")));
    });
    const { client, socket } = await join(stage);
    const error = event<Error>(socket, "error");
    client.emit("news");
    stage.note(await error);
    // Without a listener, Socket.IO logs it.
    stage.note(socket.connected);
  });
});
