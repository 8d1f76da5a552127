// Which listeners and middlewares of a socket run for an event, and in which order.
import { describe } from "mocha";
import type { Socket } from "socket.io";
import { collector, event } from "../support/server.js";
import { join, sameAsBare, settled, type Stage } from "./transparent.js";

/** A connected client whose server side listeners are added by `listen`, and an answer to `settled`. */
async function listening(stage: Stage, listen: (socket: Socket) => void) {
  stage.io.on("connection", (socket) => {
    listen(socket);
    socket.on("settled", (ack: () => void) => ack());
  });
  return join(stage);
}

describe("the listeners of a socket", () => {
  sameAsBare("run in the order of prependAny, onAny, middlewares and listeners", async (stage) => {
    const { note } = stage;
    const { client } = await listening(stage, (socket) => {
      socket.on("news", (...args: unknown[]) => note(["on", ...args]));
      socket.onAny((name: string, ...args: unknown[]) => { if (name === "news") note(["onAny", ...args]); });
      socket.prependAny((name: string) => { if (name === "news") note("prependAny"); });
      socket.use(([name], next) => { if (name === "news") note("first middleware"); next(); });
      socket.use(([name], next) => { if (name === "news") note("second middleware"); setImmediate(next); });
      socket.prependListener("news", () => note("prependListener"));
      socket.once("news", () => note("once"));
    });
    client.emit("news", 1, { two: 2 }, [3], null, "four");
    client.emit("news");
    await settled(client);
  });

  sameAsBare("stop at a middleware's error, which only the error listener of the socket hears", async (stage) => {
    const { note } = stage;
    const { client, socket } = await listening(stage, (one) => {
      one.use(([name], next) => next(name === "refused" ? Object.assign(new Error("no"), { data: 1 }) : undefined));
      one.on("error", (error) => note(["error", error]));
      one.onAny((name: string) => note(["onAny", name]));
      one.on("refused", () => note("never"));
    });
    client.emit("refused", () => note("never"));
    await event(socket, "error");
    await settled(client);
  });

  sameAsBare("see what a middleware changed in the event", async (stage) => {
    const { note } = stage;
    const { client } = await listening(stage, (socket) => {
      socket.use((packet, next) => {
        if (packet[0] === "news") packet[1] = "changed";
        next();
      });
      socket.on("news", (...args: unknown[]) => note(args));
    });
    client.emit("news", "as sent", 2);
    await settled(client);
  });

  sameAsBare("can be added and removed at any time", async (stage) => {
    const { note } = stage;
    const { client, socket } = await listening(stage, () => undefined);
    const any = (name: string) => { if (name === "news") note("any"); };
    const news = (...args: unknown[]) => note(["news", ...args]);
    socket.onAny(any);
    socket.on("news", news);
    client.emit("news", 1);
    await settled(client);
    note(socket.listenersAny().length, socket.listenerCount("news"), socket.eventNames());
    socket.offAny(any);
    socket.off("news", news);
    client.emit("news", 2);
    await settled(client);
    note(socket.listenersAny().length, socket.listenerCount("news"));
    socket.on("news", news);
    client.emit("news", 3);
    await settled(client);
    socket.removeAllListeners("news");
    client.emit("news", 4);
    await settled(client);
  });

  sameAsBare("handle events in the order in which they were sent, with and without arguments, acks and Buffers", async (stage) => {
    const { client } = await listening(stage, (socket) => {
      socket.onAny((name: string, ...args: unknown[]) => stage.note([name, args.filter((arg) => typeof arg !== "function")]));
    });
    for (let count = 0; count < 5; count += 1) {
      client.emit("plain", count);
      client.emit("acknowledged", count, () => undefined);
      client.emit("binary", Buffer.from([count]));
      client.emit("nothing");
    }
    await settled(client);
  });

  sameAsBare("see the socket as `this`, and may be asynchronous", async (stage) => {
    const { note } = stage;
    const { client } = await listening(stage, (socket) => {
      socket.on("news", async function (this: unknown, value: number) {
        note(this === socket, value);
        await Promise.resolve();
        note(["later", value]);
      });
    });
    client.emit("news", 1);
    await settled(client);
  });

  sameAsBare("hear of what the server sends through onAnyOutgoing", async (stage) => {
    const { note } = stage;
    const { client, socket } = await listening(stage, (one) => {
      one.onAnyOutgoing((...args: unknown[]) => note(["outgoing", ...args]));
      one.prependAnyOutgoing(() => note("first"));
    });
    const heard = collector(3);
    client.on("news", heard.push);
    socket.emit("news", 1);
    stage.io.emit("news", 2);
    stage.io.to(socket.id).emit("news", 3);
    note(await heard.full, socket.listenersAnyOutgoing().length);
  });

  sameAsBare("of a socket that left hear nothing any more", async (stage) => {
    const { note } = stage;
    const { client, socket } = await listening(stage, (one) => {
      one.on("leave", () => one.disconnect());
      one.on("news", () => note("never"));
      one.onAny((name: string) => note(name));
    });
    const gone = event(client, "disconnect");
    client.emit("leave");
    await gone;
    client.emit("news");
    note(socket.connected, socket.disconnected);
    // It connects again first, so that what was buffered would arrive.
    const again = event<Socket>(stage.io, "connection");
    client.sendBuffer = [];
    client.connect();
    await again;
    await settled(client);
  });

  sameAsBare("of the name of an Object's property are listeners like any other", async (stage) => {
    const names = ["constructor", "__proto__", "toString", "hasOwnProperty", "message ", "", "снег"];
    const { client } = await listening(stage, (socket) => {
      for (const name of names) socket.on(name, (value: unknown) => stage.note([name, value]));
    });
    for (const name of names) client.emit(name, 1);
    await settled(client);
  });
});
