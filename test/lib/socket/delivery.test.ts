import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { setImmediate as turn } from "node:timers/promises";
import { z } from "zod";
import { signedIn, type Denial } from "../../../lib/index.js";
import { closeEverything, event, serve, signal } from "../../support/server.js";

const withPayload = { say: { payload: z.string().trim(), allow: signedIn }, nothing: { payload: [], allow: signedIn }, free: signedIn };

describe("the delivery of an allowed event", () => {
  afterEach(closeEverything);

  it("gives the handler of a rule with a payload a function even if no ack was asked for", async () => {
    const { rawMember } = await serve({ events: withPayload });
    const { raw, socket } = await rawMember();
    const answered = signal<unknown[]>();
    socket.on("say", (text: string, ack: (answer: string) => void) => { ack("fine"); answered.settle([text, typeof ack]); });
    raw.send('42["say","  hello "]');
    expect(await answered.promise).to.deep.equal(["hello", "function"]);
    raw.send('421["say","hello"]');
    expect(await raw.next((frame) => frame.startsWith("431"))).to.equal('431["fine"]');
  });

  for (const frame of ['421["say"]', '421["say","a","not a function"]', '421["say",1]', '421["nothing","not a function"]']) {
    it(`denies ${frame}, whose arguments do not fit`, async () => {
      const { rawMember } = await serve({ events: withPayload });
      const { raw, socket } = await rawMember();
      let ran = 0;
      for (const name of ["say", "nothing"]) socket.on(name, () => ran++);
      raw.send(frame);
      const text = await raw.next((one) => one.startsWith("431"));
      expect((JSON.parse(text.slice(3)) as [{ error: Denial }])[0].error).to.deep.include({ code: "payload_invalid", status: 400 });
      expect(ran).to.equal(0);
    });
  }

  it("runs the handler once if a middleware calls next() twice, and never after next(error)", async () => {
    const { member } = await serve({ events: withPayload });
    const { client, socket } = await member();
    let ran = 0;
    socket.on("free", (kind: string, ack: (count: number) => void) => { ran += 1; ack(ran); });
    socket.use(([, kind], next) => {
      if (kind === "error first") next(new Error("denied"));
      next();
      next();
    });
    const failed = event<Error>(socket, "error");
    client.emit("free", "error first", () => {});
    expect((await failed).message).to.equal("denied");
    expect(await client.emitWithAck("free", "twice")).to.equal(1);
    await turn();
    expect(ran).to.equal(1);
  });

  it("does not run the handler if the session ended during a slow middleware of the socket", async () => {
    const { rawMember, clock } = await serve({ events: withPayload });
    const { raw, socket } = await rawMember();
    const asked = signal<() => void>();
    let ran = 0;
    socket.on("free", () => ran++);
    socket.use((_event, next) => asked.settle(next));
    raw.send('421["free"]');
    const next = await asked.promise;
    clock.ahead = 3_600_000;
    next();
    expect(await raw.next((frame) => frame.startsWith("431"))).to.contain("token_expired");
    await raw.closed;
    expect(ran).to.equal(0);
  });

  it("does not run the handler if the session ended during a slow middleware, behind an onevent of a library", async () => {
    const { rawMember, ring } = await serve({ events: withPayload });
    const { raw, socket } = await rawMember();
    const inside = socket as unknown as { onevent: (packet: unknown) => void };
    const original = inside.onevent.bind(socket);
    inside.onevent = (packet) => original(packet);
    const asked = signal<() => void>();
    let ran = 0;
    socket.on("free", () => ran++);
    socket.use((_event, next) => asked.settle(next));
    raw.send('42["free"]');
    const next = await asked.promise;
    ring.revoke({ kid: "first" });
    next();
    await raw.closed;
    expect(ran).to.equal(0);
  });

  for (const name of ["onevent", "dispatch"] as const) {
    it(`calls the ${name} that a library has put on the socket, but not for a denied event`, async () => {
      const { member } = await serve({ events: withPayload });
      const { client, socket } = await member();
      const inside = socket as unknown as Record<typeof name, (given: unknown) => void>;
      const original = inside[name].bind(socket);
      const seen: unknown[] = [];
      inside[name] = (given) => {
        seen.push(Array.isArray(given) ? given[0] as unknown : (given as { data: unknown[] }).data[0]);
        original(given);
      };
      socket.on("say", (text: string, ack: (answer: string) => void) => ack(text));
      expect(await client.emitWithAck("say", " hello ")).to.equal("hello");
      await client.emitWithAck("secret");
      expect(seen).to.deep.equal(["say"]);
      const answered = signal<string>();
      socket.on("say", (_text: string, ack: unknown) => answered.settle(typeof ack));
      client.emit("say", "without an ack");
      expect(await answered.promise).to.equal("function");
    });
  }

  it("passes on the parsed values of an asynchronous schema", async () => {
    const later = z.string().transform(async (text) => { await turn(); return text.length; });
    const { member } = await serve({ events: { say: { payload: later as never, allow: ({ args }) => args[0] === 5 } } });
    const { client, socket } = await member();
    socket.on("say", (length: number, ack: (answer: number) => void) => ack(length));
    expect(await client.emitWithAck("say", "hello")).to.equal(5);
    expect(await client.emitWithAck("say", "hi")).to.have.nested.property("error.code", "forbidden");
  });
});
