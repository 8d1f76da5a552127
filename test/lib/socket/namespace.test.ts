// The guard of a namespace: it stands before every middleware, wherever and whenever the host added it, and looks again
// when a socket connects.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, type Denial, type Handshake } from "../../../lib/index.js";
import { versions } from "../../contract/versions.js";
import { closeEverything, collector, event, namespacesOf, nextTurn, pendingIn, refusal, serve, type ServerSocket } from "../../support/server.js";

type Next = (error?: Error) => void;

for (const { number, socketIo } of versions) {
  describe(`the guard of a namespace, on Socket.IO ${number}`, () => {
    afterEach(closeEverything);

    it("a middleware of the host's that was added before the guard sees no unauthenticated socket", async () => {
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

    it("namespaces that come after the guard, by name, by pattern and by function, are guarded", async () => {
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

    it("no connection listener of the host's sees a refused socket, in any namespace", async () => {
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

    it("a session that ends while the host's middleware is slow is refused before any listener, and hears no broadcast", async () => {
      const { io, raw, token, ring } = await serve({ socketIo });
      const waiting = collector<Next>(1);
      let connections = 0;
      io.use((_socket, next) => waiting.push(next));
      io.on("connection", () => connections++);
      const client = await raw();
      client.send(`40${JSON.stringify({ token: token() })}`);
      const [next] = await waiting.full as [Next];
      ring.drop("first");
      next();
      io.emit("news");
      const answer = await client.next();
      expect(answer).to.match(/^44\{.*"code":"token_invalid"/);
      io.emit("news");
      await client.closed;
      expect(client.frames).to.deep.equal([answer]);
      expect([connections, io.sockets.sockets.size, pendingIn(io)]).to.deep.equal([0, 0, 0]);
    });

    it("a session that expires while the host's middleware is slow is refused as expired", async () => {
      const { io, connect, clock } = await serve({ socketIo });
      io.use((_socket, next) => { clock.ahead = 3_600_000; next(); });
      const error = await refusal(connect());
      expect(error.message).to.equal("Your session has expired. Sign in again or refresh the token.");
      expect(error.data).to.deep.include({ code: "token_expired", reconnect: "refresh" });
    });

    it("a session that a listener of \"connected\" ends gets no broadcast, and its connection closes", async () => {
      const { io, guarded, raw, token, ring } = await serve({ socketIo });
      guarded.on("connected", () => ring.drop("first"));
      io.on("connection", () => io.emit("news"));
      const client = await raw();
      client.send(`40${JSON.stringify({ token: token() })}`);
      await client.closed;
      expect(client.frames.map(String).filter((frame) => frame.includes("news"))).to.deep.equal([]);
      expect(client.frames.at(-2)).to.contain("token_invalid");
      expect(io.sockets.sockets.size).to.equal(0);
    });

    it("an authenticator that runs as another handshake is answered, and ends the session, lets nobody in", async () => {
      const { io, raw, token, tokens, ring } = await serve({ socketIo, authenticate: [
        { name: "dropper", authenticate: ({ auth }: Handshake) => { if (auth["drops"] === true) ring.drop("first"); return undefined; } },
        { name: "slow", authenticate: async ({ auth }: Handshake) => { await nextTurn(); return tokens.authenticate({ auth, headers: {} } as never); } },
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

    it("nobody is let in on a connection that is ending", async () => {
      const { io, guarded, rawMember, ring } = await serve({ socketIo });
      guarded.of("/late", { authenticate: anonymous() });
      const waiting = collector<Next>(1);
      io.of("/late").use((_socket, next) => waiting.push(next));
      const { raw } = await rawMember();
      raw.send("40/late,");
      const [next] = await waiting.full as [Next];
      let connections = 0;
      io.of("/late").on("connection", () => connections++);
      ring.drop("first");
      next();
      await raw.closed;
      expect([connections, io.of("/late").sockets.size, pendingIn(io, "/late")]).to.deep.equal([0, 0, 0]);
    });

    it("a second next() of the host's middleware connects nobody twice", async () => {
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

    it("next(error) and then next() refuses", async () => {
      const { io, connect } = await serve({ socketIo });
      io.use((_socket, next) => { next(new Error("full")); next(); });
      let connections = 0;
      io.on("connection", () => connections++);
      expect((await refusal(connect())).message).to.equal("full");
      await nextTurn();
      expect(connections).to.equal(0);
    });

    it("a next() long after the answer changes nothing", async () => {
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

    it("a host's io.removeAllListeners() opens nothing", async () => {
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

    it("one namespace may have other events and other authenticators; what it does not name is inherited", async () => {
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

    it("a name that no namespace has is refused as by Socket.IO, and leaves none", async () => {
      const { io, connect } = await serve({ socketIo });
      expect((await refusal(connect("/nowhere"))).message).to.equal("Invalid namespace");
      expect(namespacesOf(io)).to.deep.equal(["/"]);
    });

    it("hears guard:session right after connecting, before what the host's listeners emit", async () => {
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
