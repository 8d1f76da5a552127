// The guard of a namespace: it runs before every middleware, however and whenever the host added it, and checks the session
// again when the socket connects.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, type Denial, type GuardHandshake } from "../../../lib/index.js";
import { versions } from "../../contract/versions.js";
import { closeEverything, collector, event, namespacesOf, nextTurn, pendingIn, refusal, serve, type ServerSocket } from "../../support/server.js";

type Next = (error?: Error) => void;

for (const { number, socketIo } of versions) {
  describe(`the guard of a namespace, on Socket.IO ${number}`, () => {
    afterEach(closeEverything);

    it("runs before a middleware of the host that was added before the guard", async () => {
      const seen: unknown[] = [];
      const { connect, guarded, member } = await serve({ socketIo, before: (io) => {
        io.use((socket, next) => { seen.push(guarded.session(socket)?.subject); next(); });
        io.of("/admin").use((socket, next) => { seen.push(guarded.session(socket)?.subject); next(); });
        io.of(/^\/room-/).use((socket, next) => { seen.push(guarded.session(socket)?.subject); next(); });
      } });
      for (const namespace of ["/", "/admin", "/room-1"]) {
        expect((await refusal(connect(namespace, { auth: {} }))).data).to.deep.include({ code: "token_missing", status: 401 });
      }
      expect(seen).to.deep.equal([]);
      for (const namespace of ["/", "/admin", "/room-1"]) await member(namespace);
      expect(seen).to.deep.equal(["alice", "alice", "alice"]);
    });

    it("is put on namespaces that are made after guard(io), by name, by pattern and by function", async () => {
      const { io, connect, rawMember } = await serve({ socketIo });
      const seen: string[] = [];
      const watch = (socket: ServerSocket, next: Next) => { seen.push(socket.nsp.name); next(); };
      io.of("/late").use(watch);
      io.of(/^\/room-/).use(watch);
      io.of((name, _auth, next) => next(null, name.startsWith("/made-"))).use(watch);
      const names = ["/late", "/room-1", "/made-1"];
      for (const name of names) await refusal(connect(name, { auth: { token: "no token" } }));
      expect(seen).to.deep.equal([]);
      for (const name of names) {
        const { raw } = await rawMember(name);
        raw.send(`42${name},1["secret"]`);
        expect(await raw.next((frame) => frame.startsWith(`43${name},1`))).to.contain("event_unlisted");
      }
      expect(seen).to.deep.equal(names);
    });

    it("shows a refused socket to no connection listener of the host", async () => {
      const { io, connect } = await serve({ socketIo });
      let connections = 0;
      for (const namespace of [io.sockets, io.of("/admin"), io.of(/^\/room-/)]) {
        namespace.on("connect", () => connections++);
        namespace.on("connection", () => connections++);
      }
      for (const name of ["/", "/admin", "/room-1"]) await refusal(connect(name, { auth: {} }));
      await nextTurn();
      expect(connections).to.equal(0);
    });

    it("refuses a session that ends while a middleware of the host is slow: no listener sees it, and it hears no broadcast", async () => {
      const { io, raw, token, ring } = await serve({ socketIo });
      const waiting = collector<Next>(1);
      let connections = 0;
      io.use((_socket, next) => waiting.push(next));
      io.on("connection", () => connections++);
      const client = await raw();
      client.send(`40${JSON.stringify({ token: token() })}`);
      const [next] = await waiting.full as [Next];
      ring.revoke({ kid: "first" });
      next();
      io.emit("news");
      const answer = await client.next();
      expect(answer).to.match(/^44\{.*"code":"token_invalid"/);
      io.emit("news");
      await client.closed;
      expect(client.frames).to.deep.equal([answer]);
      expect([connections, io.sockets.sockets.size, pendingIn(io)]).to.deep.equal([0, 0, 0]);
    });

    it("refuses a session that expires while a middleware of the host is slow as token_expired", async () => {
      const { io, connect, clock } = await serve({ socketIo });
      io.use((_socket, next) => { clock.ahead = 3_600_000; next(); });
      const error = await refusal(connect());
      expect(error.message).to.equal("Your session has expired. Sign in again or refresh the token.");
      expect(error.data).to.deep.include({ code: "token_expired", reconnect: "refresh" });
    });

    it("closes the connection of a session that a listener of \"connected\" ends, and it hears no broadcast", async () => {
      const { io, guarded, raw, token, ring } = await serve({ socketIo });
      guarded.on("connected", () => ring.revoke({ kid: "first" }));
      io.on("connection", () => io.emit("news"));
      const client = await raw();
      client.send(`40${JSON.stringify({ token: token() })}`);
      await client.closed;
      expect(client.frames.map(String).filter((frame) => frame.includes("news"))).to.deep.equal([]);
      expect(client.frames.at(-2)).to.contain("token_invalid");
      expect(io.sockets.sockets.size).to.equal(0);
    });

    it("lets no socket in on a session that ended while another handshake was answered", async () => {
      const { io, raw, token, tokens, ring } = await serve({ socketIo, authenticate: [
        { name: "dropper", authenticate: ({ auth }: GuardHandshake) => { if (auth["drops"] === true) ring.revoke({ kid: "first" }); return undefined; } },
        { name: "slow", authenticate: async ({ auth }: GuardHandshake) => { await nextTurn(); return tokens.authenticate({ auth, headers: {} } as never); } },
      ] as never });
      for (const name of ["/a", "/b", "/c", "/d", "/e"]) io.of(name);
      const client = await raw();
      const held = token();
      for (const name of ["/a", "/b", "/c", "/d"]) client.send(`40${name},${JSON.stringify({ token: held })}`);
      client.send(`40/e,${JSON.stringify({ drops: true })}`);
      await client.closed;
      const inside = ["/a", "/b", "/c", "/d", "/e"].map((name) => io.of(name).sockets.size);
      expect(inside).to.deep.equal([0, 0, 0, 0, 0]);
    });

    it("lets no socket in on a connection that is ending", async () => {
      const { io, guarded, rawMember, ring } = await serve({ socketIo });
      guarded.of("/late", { authenticate: anonymous() });
      const waiting = collector<Next>(1);
      io.of("/late").use((_socket, next) => waiting.push(next));
      const { raw } = await rawMember();
      raw.send("40/late,");
      const [next] = await waiting.full as [Next];
      let connections = 0;
      io.of("/late").on("connection", () => connections++);
      ring.revoke({ kid: "first" });
      next();
      await raw.closed;
      expect([connections, io.of("/late").sockets.size, pendingIn(io, "/late")]).to.deep.equal([0, 0, 0]);
    });

    it("connects a socket once if a middleware of the host calls next() twice", async () => {
      const { io, connect } = await serve({ socketIo });
      io.use((_socket, next) => { next(); next(); });
      let connections = 0;
      io.on("connection", () => connections++);
      const client = connect();
      let sessions = 0;
      client.on("guard:session", () => sessions++);
      await event(client, "connect");
      await client.emitWithAck("secret");
      expect([connections, sessions]).to.deep.equal([1, 1]);
    });

    it("refuses a socket if a middleware of the host calls next(error) and then next()", async () => {
      const { io, connect } = await serve({ socketIo });
      io.use((_socket, next) => { next(new Error("full")); next(); });
      let connections = 0;
      io.on("connection", () => connections++);
      expect((await refusal(connect())).message).to.equal("full");
      await nextTurn();
      expect(connections).to.equal(0);
    });

    it("ignores a next() that comes long after the answer", async () => {
      const { io, member, connect } = await serve({ socketIo });
      const answers: Next[] = [];
      io.use((socket, next) => { answers.push(next); next(socket.handshake.auth["stay"] ? undefined : new Error("no")); });
      await refusal(connect());
      const { client } = await member("/", { auth: { token: (await serve()).token(), stay: true } });
      let connections = 0;
      io.on("connection", () => connections++);
      for (const again of answers) { again(); again(new Error("late")); }
      expect(await client.emitWithAck("secret")).to.have.nested.property("error.code", "event_unlisted");
      expect(connections).to.equal(0);
    });

    it("still guards after the host calls io.removeAllListeners()", async () => {
      const { io, connect, rawMember } = await serve({ socketIo });
      io.removeAllListeners();
      io.sockets.removeAllListeners();
      io.of(/^\/room-/);
      await refusal(connect("/", { auth: {} }));
      await refusal(connect("/room-1", { auth: {} }));
      const { raw, socket } = await rawMember();
      let ran = 0;
      socket.on("secret", () => ran++);
      raw.send('421["secret"]');
      expect(await raw.next((frame) => frame.startsWith("431"))).to.contain("event_unlisted");
      expect(ran).to.equal(0);
    });

    it("uses the events and authenticators of guarded.of, and inherits what is not given there", async () => {
      const { io, guarded, connect } = await serve({ socketIo });
      guarded.of("/lobby", { authenticate: anonymous() }).of(/^\/room-/, { events: { enter: () => true } });
      io.of("/lobby").on("connection", (socket) => socket.on("hello", (ack: (text: string) => void) => ack("hello")));
      io.of(/^\/room-/).on("connection", (socket) => {
        for (const name of ["hello", "enter"]) socket.on(name, (ack: (text: string) => void) => ack(name));
      });
      const guest = connect("/lobby", { auth: {} });
      expect(await guest.emitWithAck("hello")).to.equal("hello");
      const member = connect("/room-1");
      expect([await member.emitWithAck("hello"), await member.emitWithAck("enter")]).to.deep.equal(["hello", "enter"]);
      expect((await guest.emitWithAck("enter") as { error: Denial }).error.code).to.equal("event_unlisted");
      expect((await refusal(connect("/room-1", { auth: {} }))).data?.code).to.equal("token_missing");
    });

    it("leaves it to Socket.IO to refuse a namespace that does not exist, and makes none", async () => {
      const { io, connect } = await serve({ socketIo });
      expect((await refusal(connect("/nowhere"))).message).to.equal("Invalid namespace");
      expect(namespacesOf(io)).to.deep.equal(["/"]);
    });

    it("sends guard:session right after CONNECT, before what the listeners of the host emit", async () => {
      const { io, raw, token } = await serve({ socketIo });
      io.use((socket, next) => { socket.emit("early"); next(); });
      io.on("connection", (socket) => socket.emit("welcome"));
      const client = await raw();
      await client.connect("/", { token: token() });
      await client.next((frame) => frame.includes("welcome"));
      const names = client.frames.map((frame) => /^4[0-9]\[?"?([\w:]*)/.exec(String(frame))![1]);
      expect(names.slice(-2)).to.deep.equal(["guard:session", "welcome"]);
    });
  });
}
