// Acknowledgements in both directions: their values, their timeouts and their errors.
import { describe } from "mocha";
import type { Socket } from "socket.io";
import { event, signal } from "../support/server.js";
import { join, sameAsBare, settled } from "./transparent.js";

/** What a promise came to, as plain data. */
async function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then((value) => ({ value }), (error: unknown) => ({ error }));
}

describe("an acknowledgement", () => {
  sameAsBare("of the server carries every value that the handler gives", async (stage) => {
    stage.io.on("connection", (socket) => {
      socket.on("none", (ack: () => void) => ack());
      socket.on("several", (first: unknown, second: unknown, ack: (...values: unknown[]) => void) => ack(second, first, null, { nested: [first] }));
      socket.on("binary", (bytes: Buffer, ack: (...values: unknown[]) => void) => ack(Buffer.from(bytes).reverse(), { bytes }));
      socket.on("failed", (ack: (value: unknown) => void) => ack({ error: "a value like any other" }));
      socket.on("twice", (ack: (value: number) => void) => { ack(1); ack(2); });
    });
    const { client } = await join(stage);
    for (const [name, ...args] of [["none"], ["several", 1, "two"], ["binary", Buffer.from([1, 2, 3])], ["failed"], ["twice"]] as [string, ...unknown[]][]) {
      stage.note([name, await new Promise((resolve) => client.emit(name, ...args, (...values: unknown[]) => resolve(values)))]);
    }
    stage.note(await outcome(client.emitWithAck("several", 1, 2)));
  });

  sameAsBare("of the server that comes late or never is a timeout error on the client", async (stage) => {
    const late = signal<() => void>();
    stage.io.on("connection", (socket) => {
      socket.on("never", () => undefined);
      socket.on("late", (ack: () => void) => late.settle(ack));
      socket.on("settled", (ack: () => void) => ack());
    });
    const { client } = await join(stage);
    stage.note(await outcome(client.timeout(5).emitWithAck("never")));
    stage.note(await outcome(client.timeout(5).emitWithAck("nobody listens")));
    stage.note(await new Promise((resolve) => client.timeout(20).emit("late", (...values: unknown[]) => resolve(values))));
    (await late.promise)();
    await settled(client);
  });

  sameAsBare("of the client reaches the server's callback and emitWithAck", async (stage) => {
    const { client, socket } = await join(stage);
    client.on("question", (...args: unknown[]) => {
      const ack = args.pop() as (...values: unknown[]) => void;
      ack(...args, "answered");
    });
    client.on("binary", (bytes: Buffer, ack: (value: unknown) => void) => ack({ reversed: Buffer.from(bytes).reverse() }));
    stage.note(await new Promise((resolve) => socket.emit("question", 1, [2], (...values: unknown[]) => resolve(values))));
    stage.note(await outcome(socket.emitWithAck("question", "only one")));
    stage.note(await outcome(socket.timeout(5_000).emitWithAck("binary", Buffer.from([1, 2, 3]))));
  });

  sameAsBare("of the client that never comes is a timeout error on the server", async (stage) => {
    const { client, socket } = await join(stage);
    client.on("never", () => undefined);
    stage.note(await outcome(socket.timeout(5).emitWithAck("never")));
    stage.note(await new Promise((resolve) => socket.timeout(5).emit("never", (...values: unknown[]) => resolve(values))));
  });

  sameAsBare("is waited for in vain by a server whose client leaves", async (stage) => {
    const { client, socket } = await join(stage);
    const asked = event(client, "never");
    const answer = outcome(socket.timeout(20).emitWithAck("never"));
    await asked;
    client.disconnect();
    stage.note(await answer);
  });

  sameAsBare("is asked of several clients by io.emit, io.to and io.timeout", async (stage) => {
    const both = [await join(stage), await join(stage)];
    for (const [number, { client, socket }] of both.entries()) {
      client.on("question", (value: number, ack: (value: unknown) => void) => ack(value + number));
      client.on("half", (ack: (value: unknown) => void) => { if (number === 0) ack("one answers"); });
      await socket.join(`room ${number}`);
    }
    const { io, note } = stage;
    const sorted = (value: unknown) => (value as number[]).sort();
    note(sorted(await io.timeout(5_000).emitWithAck("question", 10)));
    note(sorted(await io.to(["room 0", "room 1"]).timeout(5_000).emitWithAck("question", 20)));
    note(await io.to("room 1").timeout(5_000).emitWithAck("question", 30));
    note(await io.to("empty").timeout(5_000).emitWithAck("question", 30));
    note(await both[0]!.socket.broadcast.timeout(5_000).emitWithAck("question", 40));
    note(await new Promise((resolve) => io.timeout(1_000).emit("half", (error: Error & { responses?: unknown }, responses: unknown) => resolve([error, responses]))));
  });

  sameAsBare("of a middleware's refusal never comes", async (stage) => {
    stage.io.on("connection", (socket: Socket) => {
      socket.use(([name], next) => next(name === "refused" ? new Error("no") : undefined));
      socket.on("error", () => undefined);
    });
    const { client } = await join(stage);
    stage.note(await outcome(client.timeout(10).emitWithAck("refused")));
  });

  sameAsBare("is kept for a client that sends while it connects", async (stage) => {
    stage.io.on("connection", (socket) => socket.on("early", (value: unknown, ack: (value: unknown) => void) => ack(["heard", value])));
    const client = stage.client();
    stage.note(client.connected, await outcome(client.timeout(5_000).emitWithAck("early", 1)));
  });

  sameAsBare("with retries is given once the server answers", async (stage) => {
    let asked = 0;
    stage.io.on("connection", (socket) => socket.on("again", (ack: (value: string) => void) => { if ((asked += 1) > 1) ack("answered"); }));
    // On a busy machine, an answer may take longer than the client waits: it asks once more then.
    const { client } = await join(stage, "/", { retries: 20, ackTimeout: 50 });
    stage.note(await outcome(client.emitWithAck("again")), asked > 1);
  });
});
