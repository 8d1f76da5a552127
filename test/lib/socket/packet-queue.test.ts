// Packets that wait behind an asynchronous check: they stay in order, are limited, and are answered when the session ends.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { setImmediate as turn } from "node:timers/promises";
import type { Denial } from "../../../lib/index.js";
import { closeEverything, collector, event, serve, signal, type Options, type ServerSocket } from "../../support/server.js";

describe("the order of a socket's packets", () => {
  afterEach(closeEverything);

  it("is kept, whichever asynchronous check answers first", async () => {
    const questions = collector<{ nth: unknown; answer: (allows: boolean) => void }>(1);
    const { rawMember } = await serve({ events: { step: ({ args }) => new Promise((answer) => questions.push({ nth: args[0], answer })) } });
    const { raw, socket } = await rawMember();
    const handled = handledSteps(socket, 3);
    raw.send('42["step",1]', '42["step",2]', '42["step",3]');
    for (let nth = 0; nth < 3; nth += 1) {
      while (questions.all.length <= nth) await turn();
      expect(questions.all.length, "one is asked at a time").to.equal(nth + 1);
      questions.all[nth]!.answer(true);
    }
    expect(await handled.full).to.deep.equal([1, 2, 3]);
  });

  it("is kept if synchronous and asynchronous rules mix", async () => {
    const { rawMember } = await serve({ events: { step: () => true, slowStep: async () => { await turn(); return true; } } });
    const { raw, socket } = await rawMember();
    const handled = handledSteps(socket, 6);
    raw.send('42["step",1]', '42["slowStep",2]', '42["step",3]', '42["step",4]', '42["slowStep",5]', '42["step",6]');
    expect(await handled.full).to.deep.equal([1, 2, 3, 4, 5, 6]);
  });

  it("is kept if socket.use or onAny is called in between", async () => {
    const { rawMember } = await serve({ events: { step: () => true } });
    const { raw, socket } = await rawMember();
    const handled = handledSteps(socket, 4);
    socket.use((_event, next) => { if (handled.all.length < 2) void turn().then(() => next()); else next(); });
    raw.send('42["step",1]', '42["step",2]');
    await event(socket, "step");
    socket.onAny(() => {});
    raw.send('42["step",3]', '42["step",4]');
    expect(await handled.full).to.deep.equal([1, 2, 3, 4]);
  });

  it("is kept if the last onAny listener is removed in between", async () => {
    const { rawMember } = await serve({ events: { step: () => true } });
    const { raw, socket } = await rawMember();
    const handled = handledSteps(socket, 4);
    socket.onAny(() => socket.offAny());
    raw.send('42["step",1]', '42["step",2]', '42["step",3]', '42["step",4]');
    expect(await handled.full).to.deep.equal([1, 2, 3, 4]);
  });

  it("is kept for 64 packets that wait, and the next one is denied as queue_full", async () => {
    const opened = signal<boolean>();
    const { rawMember } = await serve({ events: { slow: () => opened.promise, step: () => true } });
    const { raw, socket } = await rawMember();
    const handled = handledSteps(socket, 64);
    raw.send('42["slow"]', ...Array.from({ length: 66 }, (_, nth) => `42${nth}["step",${nth}]`));
    expect(await denialOf(raw.next((frame) => frame.startsWith("4364")))).to.deep.include({ code: "queue_full", status: 429, event: "step" });
    expect(await denialOf(raw.next((frame) => frame.startsWith("4365")))).to.deep.include({ code: "queue_full" });
    opened.settle(true);
    expect(await handled.full).to.deep.equal(Array.from({ length: 64 }, (_, nth) => nth));
  });

  it("does not matter to a flood behind a check: the session ends at the twentieth denial, and no more are counted", async () => {
    const { rawMember, guarded } = await serve({ events: { slow: () => new Promise(() => {}) } });
    const { raw } = await rawMember();
    raw.send('42["slow"]', ...Array.from({ length: 500 }, (_, nth) => `42${nth}["slow"]`));
    await raw.closed;
    expect(guarded.stats()).to.include({ denied: 20, sessions: 0 });
  });

  it("is kept for a DISCONNECT: what was sent before it is still decided", async () => {
    const [asked, opened] = [signal(), signal<boolean>()];
    const { rawMember } = await serve({ events: { slow: () => { asked.settle(); return opened.promise; }, step: () => true } });
    const { raw, socket } = await rawMember();
    const order: unknown[] = [];
    socket.on("slow", () => order.push("slow"));
    socket.on("step", (nth) => order.push(nth));
    const left = event(socket, "disconnect").then((reason) => order.push(reason));
    raw.send('42["slow"]', '42["step",1]', "41", '42["step",2]');
    await asked.promise;
    await turn();
    opened.settle(true);
    await left;
    await turn();
    expect(order).to.deep.equal(["slow", 1, "client namespace disconnect"]);
  });

  it("does not make an ack of the client wait behind a check", async () => {
    const opened = signal<boolean>();
    const { rawMember } = await serve({ events: { slow: () => opened.promise } });
    const { raw, socket } = await rawMember();
    const answered = new Promise((resolve) => socket.emit("confirm", resolve));
    const id = /^42(\d+)/.exec(await raw.next((frame) => frame.includes("confirm")))![1]!;
    raw.send('42["slow"]', `43${id}["yes"]`);
    expect(await answered).to.equal("yes");
    opened.settle(true);
  });

  it("ends with the session: packets that wait are answered, and no handler runs", async () => {
    const asked = signal();
    const aborted = signal();
    const never: Options["events"] = { slow: ({ signal: ending }) => new Promise(() => {
      ending.addEventListener("abort", () => aborted.settle());
      asked.settle();
    }) };
    const { rawMember, ring } = await serve({ events: { ...never, step: () => true } });
    const { raw, socket } = await rawMember();
    const handled = handledSteps(socket, 1);
    raw.send('421["slow"]', '422["step",2]', '42["step",3]', '424["step",4]');
    await asked.promise;
    await turn();
    ring.revoke({ kid: "first" });
    for (const id of [1, 2, 4]) expect((await denialOf(raw.next((frame) => frame.startsWith(`43${id}[`)))).code).to.equal("token_invalid");
    await Promise.all([raw.closed, aborted.promise]);
    expect(handled.all).to.deep.equal([]);
  });

  it("ends with the session: the packet whose check is pending is denied, even if the check allows it", async () => {
    const [asked, opened] = [signal(), signal<boolean>()];
    const { rawMember, clock } = await serve({ events: { slow: () => { asked.settle(); return opened.promise; } } });
    const { raw, socket } = await rawMember();
    let ran = 0;
    socket.on("slow", () => ran++);
    raw.send('421["slow"]');
    await asked.promise;
    clock.ahead = 3_600_000;
    opened.settle(true);
    expect((await denialOf(raw.next((frame) => frame.startsWith("431")))).code).to.equal("token_expired");
    await raw.closed;
    expect(ran).to.equal(0);
  });

  it("goes on after a check that does not answer: its event is denied as check_timeout, and its signal aborts", async () => {
    const aborted = signal();
    const { member } = await serve({
      checkTimeout: 20,
      events: { slow: ({ signal: ending }) => new Promise(() => ending.addEventListener("abort", () => aborted.settle())), step: () => true },
    });
    const { client, socket } = await member();
    socket.on("step", (ack: (answer: string) => void) => ack("step"));
    const slow = client.emitWithAck("slow") as Promise<{ error: Denial }>;
    const step = client.emitWithAck("step");
    expect((await slow).error).to.deep.include({ code: "check_timeout", status: 503, reconnect: "later", event: "slow" });
    await aborted.promise;
    expect(await step).to.equal("step");
    expect(client.connected).to.be.true;
  });
});

function handledSteps(socket: ServerSocket, count: number) {
  const handled = collector<unknown>(count);
  socket.on("step", handled.push);
  socket.on("slowStep", handled.push);
  return handled;
}

async function denialOf(frame: Promise<string>): Promise<Denial> {
  const text = await frame;
  return (JSON.parse(text.slice(text.indexOf("["))) as [{ error: Denial }])[0].error;
}
