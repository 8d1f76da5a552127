// The gate: no packet of a client reaches a listener without a verdict. Every way past `socket.use` that Socket.IO has is
// tried here, on its oldest and newest supported version.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, anyone, type Denial } from "../../../lib/index.js";
import { versions } from "../../contract/versions.js";
import { closeEverything, event, nextTurn, serve, signal, type ServerSocket } from "../../support/server.js";
import type { Raw } from "../../support/raw.js";

for (const { number, socketIo } of versions) {
  describe(`the gate, on Socket.IO ${number}`, () => {
    afterEach(closeEverything);

    it("keeps a denied event from onAny listeners, socket.use and handlers, and answers its ack", async () => {
      const { raw, socket } = await serve({ socketIo }).then((served) => served.rawMember());
      const ran = listenEverywhere(socket, "secret");
      raw.send('421["secret","x"]');
      expect(await answer(raw, 1)).to.deep.include({ guard: true, code: "event_unlisted", event: "secret" });
      expect(ran).to.deep.equal([]);
    });

    it("hands an allowed event to onAny listeners, socket.use and handlers, in Socket.IO's order", async () => {
      const { raw, socket } = await serve({ socketIo }).then((served) => served.rawMember());
      const ran = listenEverywhere(socket, "message");
      socket.on("message", (_text, ack: (answer: string) => void) => ack("done"));
      raw.send('421["message","x"]');
      expect(await raw.next((frame) => frame.startsWith("431"))).to.equal('431["done"]');
      expect(ran).to.deep.equal(["onAny", "use", "handler"]);
    });

    it("answers a denied event without an ack by guard:denied", async () => {
      const { raw } = await serve({ socketIo }).then((served) => served.rawMember());
      raw.send('42["secret"]');
      expect(await notice(raw)).to.deep.equal({ guard: true, code: "event_unlisted", status: 403, message: "This event is not declared.", event: "secret" });
    });

    it("denies and allows binary events like other events", async () => {
      const { client, socket } = await serve({ socketIo }).then((served) => served.member());
      const ran = listenEverywhere(socket, "secret");
      const denied = await client.emitWithAck("secret", Buffer.from("x")) as { error: Denial };
      expect(denied.error.code).to.equal("event_unlisted");
      socket.on("message", (bytes: Buffer, ack: (answer: Buffer) => void) => ack(bytes));
      expect(await client.emitWithAck("message", Buffer.from("bytes"))).to.deep.equal(Buffer.from("bytes"));
      expect(ran).to.deep.equal(["onAny", "use"]);
    });

    for (const close of [false, true]) {
      it(`runs no handler for an event whose check answers after socket.disconnect(${close}), nor for those behind it`, async () => {
        const [asked, answered] = [signal(), signal<boolean>()];
        const events = { slow: () => { asked.settle(); return answered.promise; }, hello: anyone };
        const { client, socket } = await serve({ socketIo, events }).then((served) => served.member());
        const ran = [...["slow", "hello"].map((name) => listenEverywhere(socket, name))];
        client.emit("slow");
        client.emit("hello");
        await asked.promise;
        socket.disconnect(close);
        answered.settle(true);
        for (let turn = 0; turn < 5; turn += 1) await nextTurn();
        expect(ran.flat()).to.deep.equal([]);
      });
    }

    for (const binary of [false, true]) {
      it(`does not run the callback of a ${binary ? "binary " : ""}ack of the client that comes after expiry`, async () => {
        const { rawMember, clock } = await serve({ socketIo });
        const { raw, socket } = await rawMember();
        let ran = 0;
        socket.emit("confirm", () => ran++);
        const id = /^42(\d+)/.exec(await raw.next((frame) => frame.includes("confirm")))![1]!;
        const left = event(socket, "disconnect");
        clock.ahead = 3_600_000;
        if (binary) raw.send(`461-${id}[{"_placeholder":true,"num":0}]`, Buffer.from("yes"));
        else raw.send(`43${id}["yes"]`);
        expect(await farewell(raw)).to.deep.include({ code: "token_expired", reconnect: "refresh" });
        await left;
        expect(ran).to.equal(0);
      });
    }

    it("runs the callback of an ack of the client while the session is valid", async () => {
      const { client, socket } = await serve({ socketIo }).then((served) => served.member());
      client.on("confirm", (ack: (...answer: unknown[]) => void) => ack("yes", Buffer.from("y")));
      expect(await new Promise((resolve) => socket.emit("confirm", (...answer: unknown[]) => resolve(answer)))).to.deep.equal(["yes", Buffer.from("y")]);
    });

    it("stops packets that were decoded before the session ended", async () => {
      const { rawMember } = await serve({ socketIo });
      const { raw, socket } = await rawMember();
      const ran: string[] = [];
      socket.emit("confirm", () => ran.push("ack"));
      const id = /^42(\d+)/.exec(await raw.next((frame) => frame.includes("confirm")))![1]!;
      socket.onAny((_name, text) => {
        ran.push(`onAny ${text}`);
        if (text === "end") socket.disconnect(true);
      });
      socket.use((_event, next) => { ran.push("use"); next(); });
      socket.on("message", () => ran.push("handler"));
      raw.send('42["message","end"]', '42["message","late"]', `43${id}["late"]`, '421["message","late"]');
      await raw.closed;
      expect(ran).to.deep.equal(["onAny end", "use"]);
    });

    it("ends the session at the first event after expiry, and does not run the handler", async () => {
      const { rawMember, clock, guarded } = await serve({ socketIo });
      const { raw, socket } = await rawMember();
      const ran = listenEverywhere(socket, "message");
      clock.ahead = 3_600_000;
      raw.send('421["message"]', '422["message"]');
      expect((await farewell(raw)).code).to.equal("token_expired");
      await raw.closed;
      expect(ran).to.deep.equal([]);
      expect(guarded.stats().sessions).to.equal(0);
    });

    it("ends the session of a guest that sends a protected event, and tells it why", async () => {
      const served = await serve({ socketIo, authenticate: anonymous() });
      const { raw, socket } = await served.rawMember("/", {});
      const ran = listenEverywhere(socket, "message");
      raw.send('421["message"]');
      expect((await answer(raw, 1))?.code).to.equal("token_missing");
      expect(await farewell(raw)).to.deep.include({ code: "token_missing", reconnect: "refresh" });
      await raw.closed;
      expect(ran).to.deep.equal([]);
    });

    it("lets a guest send an event for anyone", async () => {
      const { io, connect } = await serve({ socketIo, authenticate: anonymous() });
      io.on("connection", (socket) => socket.on("hello", (ack: (text: string) => void) => ack("hello")));
      expect(await connect("/", { auth: {} }).emitWithAck("hello")).to.equal("hello");
    });

    it("does not read socket.data: a handler that changes the user there changes no verdict", async () => {
      const { io, connect } = await serve({ socketIo, events: { promote: () => true, admin: ({ user }) => (user as { role?: string }).role === "admin" } });
      io.on("connection", (socket) => {
        socket.on("promote", (ack: () => void) => {
          (socket.data as { user: { role?: string } }).user.role = "admin";
          (socket.data as { user: unknown }).user = { sub: "alice", role: "admin" };
          ack();
        });
        socket.on("admin", (ack: (text: string) => void) => ack("in"));
      });
      const client = connect();
      await client.emitWithAck("promote");
      const { error } = await client.emitWithAck("admin") as { error: Denial };
      expect(error.code).to.equal("forbidden");
    });
  });
}

function listenEverywhere(socket: ServerSocket, name: string): string[] {
  const ran: string[] = [];
  socket.onAny(() => ran.push("onAny"));
  socket.use((_event, next) => { ran.push("use"); next(); });
  socket.on(name, () => ran.push("handler"));
  return ran;
}

async function answer(raw: Raw, id: number): Promise<Denial | undefined> {
  const frame = await raw.next((one) => one.startsWith(`43${id}[`));
  return (JSON.parse(frame.slice(`43${id}`.length)) as [{ error?: Denial }])[0].error;
}

async function notice(raw: Raw): Promise<Denial> {
  return (JSON.parse((await raw.next((frame) => frame.startsWith('42["guard:denied"'))).slice(2)) as [string, Denial])[1];
}

async function farewell(raw: Raw): Promise<Denial> {
  return (JSON.parse((await raw.next((frame) => frame.startsWith('42["guard:bye"'))).slice(2)) as [string, Denial])[1];
}
