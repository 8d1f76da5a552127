// socket.io-msgpack-parser, whose packets are binary frames: what it carries, and how the guard speaks through it.
import { expect } from "chai";
import { describe, it } from "mocha";
import { createRequire } from "node:module";
import { anyone, signedIn, type Denial } from "../../lib/index.js";
import { event, refusal, serve } from "../support/server.js";
import { join, sameAsBare, settled } from "./transparent.js";

const parser = createRequire(import.meta.url)("socket.io-msgpack-parser") as never;

const setting = { server: { parser } };
const options = { parser };

describe("with socket.io-msgpack-parser", () => {
  sameAsBare("events, acks and Buffers arrive in both directions", async (stage) => {
    const { note, io } = stage;
    io.on("connection", (socket) => {
      socket.on("echo", (value: unknown, ack: (value: unknown) => void) => ack(value));
      socket.on("settled", (ack: () => void) => ack());
    });
    const { client, socket } = await join(stage, "/", options);
    client.on("question", (value: unknown, ack: (value: unknown) => void) => ack([value, "answered"]));
    for (const value of [1, "two", { three: [3, null] }, Buffer.from([4]), { nested: Buffer.from([5]) }]) {
      note(await client.emitWithAck("echo", value), await socket.emitWithAck("question", value));
    }
    const heard = event(client, "news");
    io.to(socket.id).emit("news", Buffer.from([6]));
    note(await heard);
  }, setting);

  sameAsBare("a client that leaves, or is sent away, leaves as with the default parser", async (stage) => {
    stage.io.on("connection", (socket) => socket.on("settled", (ack: () => void) => ack()));
    for (const leaves of [true, false]) {
      const { client, socket } = await join(stage, "/", options);
      await settled(client);
      const both = [event(socket, "disconnect"), event(client, "disconnect")];
      if (leaves) client.disconnect();
      else socket.disconnect(true);
      stage.note(await Promise.all(both));
    }
  }, setting);

  sameAsBare("a middleware's error is refused with its data", async ({ io, client, note }) => {
    io.use((_socket, next) => next(Object.assign(new Error("no"), { data: { why: Buffer.from([1]) } })));
    note(await event<Error>(client("/", options), "connect_error"));
  }, setting);

  it("the guard says who is signed in, what is denied and why a session ends", async () => {
    const { io, guarded, connect, member } = await serve({ ...setting, events: { hello: anyone, message: signedIn, secret: () => false } });
    expect((await refusal(connect("/", { ...options, auth: {} }))).data).to.include({ guard: true, code: "token_missing" });

    io.on("connection", (socket) => socket.on("message", (ack: (value: string) => void) => ack("handled")));
    const { client } = await member("/", options);
    expect(await client.emitWithAck("message")).to.equal("handled");
    expect(await client.emitWithAck("secret")).to.have.nested.property("error.code", "forbidden");
    const notice = event<Denial>(client, "guard:denied");
    client.emit("secret");
    expect(await notice).to.include({ code: "forbidden", event: "secret" });

    const end = event<Denial>(client, "guard:bye");
    const gone = event(client, "disconnect");
    await guarded.revoke({ subject: "alice" });
    expect((await end).code).to.equal("token_revoked");
    expect(await gone).to.equal("io server disconnect");
  });
});
