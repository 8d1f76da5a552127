// What travels in an event: values, Buffers, large messages; volatile and compressed ones; over both transports.
import { describe } from "mocha";
import { collector, event } from "../support/server.js";
import { join, sameAsBare, settled, type Stage } from "./transparent.js";

const bytes = (count: number) => Buffer.from(Array.from({ length: count }, (_, index) => index % 251));

const values: unknown[] = [
  0, -1.5, "", "text", "\u0000\ud83d\ude00", true, null, [], {}, [[[]]], { a: { b: [1, { c: null }] } },
  Buffer.alloc(0), bytes(10), { one: bytes(3), list: [bytes(4), { deep: bytes(5) }] }, new Uint8Array([1, 2, 3]), new Date(0),
  { _placeholder: true, num: 0 }, { toJSON: () => "from toJSON" },
];

/** The server sends back what it hears. */
function echo({ io }: Pick<Stage, "io">): void {
  io.on("connection", (socket) => {
    socket.on("echo", (...args: unknown[]) => socket.emit("echoed", ...args));
    socket.on("settled", (ack: () => void) => ack());
  });
}

describe("a message", () => {
  for (const transport of ["websocket", "polling"]) {
    sameAsBare(`arrives as it was sent, there and back, over ${transport}`, async (stage) => {
      echo(stage);
      const { client, socket } = await join(stage, "/", { transports: [transport] });
      socket.on("echo", (...args: unknown[]) => stage.note(["there", ...args]));
      for (const value of values) {
        const back = event(client, "echoed");
        client.emit("echo", value);
        stage.note(["back", await back]);
      }
      const all = event(client, "echoed");
      client.emit("echo", ...values.slice(0, 14));
      await all;
    });
  }

  sameAsBare("may be large", async (stage) => {
    echo(stage);
    const { client } = await join(stage);
    for (const value of ["x".repeat(500_000), bytes(600_000), Array.from({ length: 20_000 }, (_, index) => ({ index }))]) {
      const back = event(client, "echoed");
      client.emit("echo", value);
      stage.note(await back);
    }
  });

  sameAsBare("that is larger than maxHttpBufferSize ends the connection", async (stage) => {
    echo(stage);
    const { client, socket } = await join(stage);
    const gone = event(socket, "disconnect");
    client.emit("echo", "x".repeat(2_000));
    stage.note(await gone);
  }, { server: { maxHttpBufferSize: 1_000 } });

  sameAsBare("that is volatile arrives at who is connected, and is dropped for who is not", async (stage) => {
    echo(stage);
    const { client, socket } = await join(stage);
    for (const value of [1, "two", bytes(3)]) {
      await settled(client);
      const [heard, heardBack] = [event(socket, "volatile"), event(client, "volatile")];
      client.volatile.emit("volatile", value);
      socket.volatile.emit("volatile", value);
      stage.note(await heard, await heardBack);
    }
    client.disconnect();
    client.volatile.emit("volatile", "never");
    const again = event<typeof socket>(stage.io, "connection");
    client.connect();
    (await again).on("volatile", () => stage.note("never"));
    await settled(client);
  });

  sameAsBare("may be compressed or not", async (stage) => {
    echo(stage);
    const { client, socket } = await join(stage, "/", { transports: ["websocket"] });
    const heard = collector(4);
    client.on("news", heard.push);
    socket.compress(true).emit("news", "x".repeat(5_000));
    socket.compress(false).emit("news", "y".repeat(5_000));
    stage.io.compress(true).emit("news", bytes(5_000));
    stage.io.compress(false).emit("news", { bytes: bytes(5_000) });
    stage.note(await heard.full);
    const back = event(client, "echoed");
    client.compress(true).emit("echo", "z".repeat(5_000));
    stage.note(await back);
  }, { server: { perMessageDeflate: { threshold: 100 } } });

  sameAsBare("keeps its place while a connection is upgraded from polling to a websocket", async (stage) => {
    echo(stage);
    const { client, socket } = await join(stage, "/", { transports: ["polling", "websocket"] });
    const heard = collector(60);
    socket.on("number", heard.push);
    for (let number = 0; number < 30; number += 1) client.emit("number", number);
    if (socket.conn.transport.name !== "websocket") await event(socket.conn, "upgrade");
    for (let number = 30; number < 60; number += 1) client.emit("number", number);
    stage.note(await heard.full, socket.conn.transport.name);
  });

  sameAsBare("that is sent while the client connects arrives after it, in order", async (stage) => {
    stage.io.on("connection", (socket) => {
      socket.on("early", (value: unknown) => stage.note(value));
      socket.on("settled", (ack: () => void) => ack());
    });
    const client = stage.client();
    for (const value of [1, "two", bytes(3)]) client.emit("early", value);
    await settled(client);
  });

  sameAsBare("to the client reaches its listeners in the order of its sending, whatever sent it", async (stage) => {
    const { client, socket } = await join(stage);
    await socket.join("room");
    const heard = collector(7);
    client.on("news", heard.push);
    socket.emit("news", 1);
    stage.io.emit("news", 2);
    stage.io.to("room").emit("news", 3);
    socket.send("not news");
    socket.emit("news", bytes(4));
    stage.io.local.emit("news", 5);
    socket.nsp.emit("news", 6);
    socket.write("not news");
    socket.emit("news", 7);
    stage.note(await heard.full);
  });
});
