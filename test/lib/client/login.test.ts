import { expect } from "chai";
import { io as openClient } from "socket.io-client";
import { DenialError, guardClient, type SessionEnded } from "../../../lib/client/index.js";
import { denial } from "../../../lib/protocol.js";
import { closeEverything, closeLater, event, nextTurn, signal } from "../../support/server.js";
import { TestTime, openGuardClient, emitted, wireServer, type Auth } from "./support.js";

const guestsToo = ({ token }: Auth) => (token === undefined ? null : token === "wrong" ? denial("token_invalid") : 3_600_000);
const failure = (promise: Promise<unknown>): Promise<Error> => promise.then(() => { throw new Error("It did not reject."); }, (error: Error) => error);

describe("login()", () => {
  afterEach(closeEverything);

  it("logs a guest in on the open connection", async () => {
    const server = await wireServer(guestsToo);
    let token: string | null = null;
    const { client, socket } = openGuardClient(server, { getToken: () => token });
    await emitted(client, "session");
    const { id } = socket;
    token = "token";
    const session = emitted(client, "session");
    await client.login();
    expect(await session).to.include({ expiresIn: 3_600_000 });
    expect([socket.id, server.refreshes]).to.deep.equal([id, [{ token: "token" }]]);
  });

  it("connects a socket that is not connected", async () => {
    const server = await wireServer();
    const { client, socket } = openGuardClient(server, { socket: { autoConnect: false } });
    await client.login();
    expect(socket.connected).to.equal(true);
  });

  it("uses the given token first, and getToken after that", async () => {
    const server = await wireServer();
    const { client, time, asked } = openGuardClient(server, { socket: { autoConnect: false } });
    await client.login("mine");
    expect([server.connects, asked()]).to.deep.equal([[{ token: "mine" }], 0]);
    await client.login("mine too");
    time.advance(45 * 60_000);
    expect(await server.seen("refreshes", 2)).to.deep.equal([{ token: "mine too" }, { token: "token 1" }]);
  });

  it("calls getToken for another token if the given one has expired", async () => {
    const server = await wireServer(({ token }) => (token === "old" ? denial("token_expired") : 3_600_000));
    const { client, time } = openGuardClient(server, { socket: { autoConnect: false } });
    const ended = emitted<SessionEnded>(client, "ended");
    const done = client.login("old");
    time.advance((await ended).reconnectIn!);
    await done;
    expect(server.connects).to.deep.equal([{ token: "old" }, { token: "token 1" }]);
  });

  it("sends no second CONNECT while the app's own CONNECT waits for its answer", async () => {
    const server = await wireServer(() => "silence");
    const socket = openClient(server.address, { forceNew: true, transports: ["websocket"], reconnectionDelay: 1, auth: { token: "the app's" } });
    closeLater(() => socket.disconnect());
    await server.seen("connects", 1);
    const client = guardClient(socket, { getToken: () => "token", time: new TestTime() });
    closeLater(() => client.close());
    const done = client.login();
    await nextTurn();
    await nextTurn();
    server.judge = () => 3_600_000;
    socket.io.engine.close();
    await done;
    expect(server.connects).to.deep.equal([{ token: "the app's" }, { token: "token" }]);
  });

  it("sends the given token again after the transport was lost", async () => {
    const server = await wireServer(guestsToo);
    const { client } = openGuardClient(server, { getToken: () => null });
    await emitted(client, "session");
    server.judgeRefresh = () => "silence";
    const done = client.login("mine");
    await server.seen("refreshes", 1);
    server.breakTransports();
    await done;
    expect(server.connects).to.deep.equal([{}, { token: "mine" }]);
  });

  it("rejects with the denial, and the guest stays a guest", async () => {
    const server = await wireServer(guestsToo);
    const { client, socket } = openGuardClient(server, { getToken: () => null });
    await emitted(client, "session");
    const error = await failure(client.login("wrong"));
    expect(error).to.be.instanceOf(DenialError).and.include({ code: "token_invalid", message: denial("token_invalid").message });
    expect(socket.connected).to.equal(true);
  });

  it("rejects if the connect is refused for good", async () => {
    const server = await wireServer(guestsToo);
    const { client } = openGuardClient(server, { socket: { autoConnect: false } });
    expect(await failure(client.login("wrong"))).to.include({ code: "token_invalid" });
  });

  it("rejects with the error of getToken, whether or not the socket is connected", async () => {
    const server = await wireServer(guestsToo);
    const fails = () => { throw new Error("No."); };
    const { client, socket } = openGuardClient(server, { socket: { autoConnect: false }, getToken: fails });
    expect(await failure(client.login())).to.include({ message: "No." });
    await client.login("mine");
    expect(await failure(client.login())).to.include({ message: "No." });
    expect(socket.connected).to.equal(true);
  });

  it("rejects if the socket is disconnected in the meantime", async () => {
    const server = await wireServer(guestsToo);
    server.judgeRefresh = () => "silence";
    const { client, socket } = openGuardClient(server);
    await emitted(client, "session");
    const failed = failure(client.login());
    await server.seen("refreshes", 1);
    socket.disconnect();
    expect(await failed).to.include({ message: "The socket is disconnected." });
  });

  it("resolves both of two concurrent calls, and logs in with the second token", async () => {
    const server = await wireServer(guestsToo);
    const { client } = openGuardClient(server, { getToken: () => null });
    await emitted(client, "session");
    await Promise.all([client.login("first"), client.login("second")]);
    expect(server.refreshes).to.deep.equal([{ token: "second" }]);
  });

  it("does not wait for a getToken call of an earlier login", async () => {
    const server = await wireServer(guestsToo);
    const { client, socket } = openGuardClient(server, { getToken: () => new Promise(() => undefined) });
    await event(socket.io, "open");
    await nextTurn();
    await client.login("mine");
    expect(server.connects).to.deep.equal([{ token: "mine" }]);
  });

  it("sends no second CONNECT while one waits for its answer", async () => {
    const server = await wireServer();
    server.judge = () => "silence";
    const { client, socket } = openGuardClient(server);
    await server.seen("connects", 1);
    const done = client.login("mine");
    await nextTurn();
    expect(server.connects).to.have.lengthOf(1);
    server.judge = guestsToo;
    socket.io.engine.close();
    await done;
    expect(server.connects).to.deep.equal([{ token: "token 1" }, { token: "mine" }]);
  });
});

describe("logout()", () => {
  afterEach(closeEverything);

  it("continues as a guest, on this connection and on the next", async () => {
    const server = await wireServer(guestsToo);
    const { client, socket, time, asked } = openGuardClient(server);
    await emitted(client, "session");
    const { id } = socket;
    await client.logout();
    expect([socket.id, server.refreshes, time.timers.size]).to.deep.equal([id, [{}], 0]);
    server.breakTransports();
    await emitted(client, "session");
    expect([server.connects, asked()]).to.deep.equal([[{ token: "token 1" }, {}], 1]);
    await client.login();
    expect(server.refreshes.at(-1)).to.deep.equal({ token: "token 2" });
  });

  it("disconnects if the server accepts no guests", async () => {
    const server = await wireServer();
    const { client, socket, ended, time } = openGuardClient(server);
    await emitted(client, "session");
    await client.logout();
    expect([socket.active, ended, time.timers.size]).to.deep.equal([false, [], 0]);
    await client.login();
    expect(socket.connected).to.equal(true);
  });

  it("disconnects if the server does not answer", async () => {
    const server = await wireServer();
    server.judgeRefresh = () => "silence";
    const { client, socket } = openGuardClient(server, { ackTimeout: 20 });
    await emitted(client, "session");
    await client.logout();
    expect(socket.active).to.equal(false);
  });

  it("makes a socket connect as a guest if getToken is still pending", async () => {
    const server = await wireServer(guestsToo);
    const slow = signal<string>();
    const { client, socket } = openGuardClient(server, { getToken: () => slow.promise });
    await event(socket.io, "open");
    await nextTurn();
    await client.logout();
    expect(await emitted(client, "session")).to.include({ expiresIn: null });
    slow.settle("too late");
    await socket.emitWithAck("ask");
    expect([server.connects, server.refreshes]).to.deep.equal([[{}], []]);
  });

  it("ends the session of a pending CONNECT as soon as it is answered", async () => {
    const server = await wireServer(guestsToo);
    const { client, socket } = openGuardClient(server);
    await server.seen("connects", 1);
    expect(socket.connected).to.equal(false);
    await client.logout();
    await server.seen("refreshes", 1);
    expect([server.connects, server.refreshes]).to.deep.equal([[{ token: "token 1" }], [{}]]);
  });

  it("overrides a pending login", async () => {
    const server = await wireServer(guestsToo);
    const { client } = openGuardClient(server, { getToken: () => null });
    await emitted(client, "session");
    const failed = failure(client.login("mine"));
    await client.logout();
    expect(await failed).to.include({ message: "Logged out." });
    expect(server.refreshes.at(-1)).to.deep.equal({});
  });

  it("sends nothing if the socket is not connected", async () => {
    const server = await wireServer(guestsToo);
    const { client, socket, asked } = openGuardClient(server, { socket: { autoConnect: false } });
    await client.logout();
    socket.connect();
    await emitted(client, "session");
    expect([server.connects, asked()]).to.deep.equal([[{}], 0]);
  });

  it("rejects if the server cannot be reached and socket.io-client gives up", async () => {
    for (const socket of [{ reconnection: false }, { reconnectionAttempts: 1, reconnectionDelay: 1 }]) {
      const { client } = openGuardClient({ address: "http://127.0.0.1:1" }, { socket: { autoConnect: false, ...socket } });
      const ended = emitted<SessionEnded>(client, "ended");
      expect((await failure(client.login())).message).to.equal("The socket is disconnected.");
      expect(await ended).to.deep.equal({ denial: null, reconnectIn: null });
    }
  });
});
