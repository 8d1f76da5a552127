import { expect } from "chai";
import { io as openClient } from "socket.io-client";
import { DenialError, guardClient, type Ended } from "../../../lib/client/index.js";
import { denial } from "../../../lib/protocol.js";
import { closeEverything, closeLater, event, nextTurn, signal } from "../../support/server.js";
import { TestTime, guardedClient, told, wireServer, type Auth } from "./support.js";

const guestsToo = ({ token }: Auth) => (token === undefined ? null : token === "wrong" ? denial("token_invalid") : 3_600_000);
const failure = (promise: Promise<unknown>): Promise<Error> => promise.then(() => { throw new Error("It did not fail."); }, (error: Error) => error);

describe("login()", () => {
  afterEach(closeEverything);

  it("signs a guest in without another connection", async () => {
    const server = await wireServer(guestsToo);
    let token: string | null = null;
    const { guarded, client } = guardedClient(server, { getToken: () => token });
    await told(guarded, "session");
    const { id } = client;
    token = "token";
    const session = told(guarded, "session");
    await guarded.login();
    expect(await session).to.include({ expiresIn: 3_600_000 });
    expect([client.id, server.refreshes]).to.deep.equal([id, [{ token: "token" }]]);
  });

  it("connects a socket that is not connected", async () => {
    const server = await wireServer();
    const { guarded, client } = guardedClient(server, { client: { autoConnect: false } });
    await guarded.login();
    expect(client.connected).to.equal(true);
  });

  it("takes a token, and asks getToken for those after it", async () => {
    const server = await wireServer();
    const { guarded, time, asked } = guardedClient(server, { client: { autoConnect: false } });
    await guarded.login("mine");
    expect([server.connects, asked()]).to.deep.equal([[{ token: "mine" }], 0]);
    await guarded.login("mine too");
    time.advance(45 * 60_000);
    expect(await server.seen("refreshes", 2)).to.deep.equal([{ token: "mine too" }, { token: "token 1" }]);
  });

  it("asks getToken for another when the given one has expired", async () => {
    const server = await wireServer(({ token }) => (token === "old" ? denial("token_expired") : 3_600_000));
    const { guarded, time } = guardedClient(server, { client: { autoConnect: false } });
    const ended = told<Ended>(guarded, "ended");
    const done = guarded.login("old");
    time.advance((await ended).reconnectIn!);
    await done;
    expect(server.connects).to.deep.equal([{ token: "old" }, { token: "token 1" }]);
  });

  it("sends no second CONNECT while the host's own waits for its answer", async () => {
    const server = await wireServer(() => "silence");
    const client = openClient(server.address, { forceNew: true, transports: ["websocket"], reconnectionDelay: 1, auth: { token: "the host's" } });
    closeLater(() => client.disconnect());
    await server.seen("connects", 1);
    const guarded = guardClient(client, { getToken: () => "token", time: new TestTime() });
    closeLater(() => guarded.close());
    const done = guarded.login();
    await nextTurn();
    await nextTurn();
    server.judge = () => 3_600_000;
    client.io.engine.close();
    await done;
    expect(server.connects).to.deep.equal([{ token: "the host's" }, { token: "token" }]);
  });

  it("waits over a broken transport, with the token that it was given", async () => {
    const server = await wireServer(guestsToo);
    const { guarded } = guardedClient(server, { getToken: () => null });
    await told(guarded, "session");
    server.judgeRefresh = () => "silence";
    const done = guarded.login("mine");
    await server.seen("refreshes", 1);
    server.breakTransports();
    await done;
    expect(server.connects).to.deep.equal([{}, { token: "mine" }]);
  });

  it("rejects with the denial, and leaves the guest a guest", async () => {
    const server = await wireServer(guestsToo);
    const { guarded, client } = guardedClient(server, { getToken: () => null });
    await told(guarded, "session");
    const error = await failure(guarded.login("wrong"));
    expect(error).to.be.instanceOf(DenialError).and.include({ code: "token_invalid", message: denial("token_invalid").message });
    expect(client.connected).to.equal(true);
  });

  it("rejects when the connect is refused for good", async () => {
    const server = await wireServer(guestsToo);
    const { guarded } = guardedClient(server, { client: { autoConnect: false } });
    expect(await failure(guarded.login("wrong"))).to.include({ code: "token_invalid" });
  });

  it("rejects with what getToken threw, connected or not", async () => {
    const server = await wireServer(guestsToo);
    const fails = () => { throw new Error("No."); };
    const { guarded, client } = guardedClient(server, { client: { autoConnect: false }, getToken: fails });
    expect(await failure(guarded.login())).to.include({ message: "No." });
    await guarded.login("mine");
    expect(await failure(guarded.login())).to.include({ message: "No." });
    expect(client.connected).to.equal(true);
  });

  it("rejects when the socket is disconnected meanwhile", async () => {
    const server = await wireServer(guestsToo);
    server.judgeRefresh = () => "silence";
    const { guarded, client } = guardedClient(server);
    await told(guarded, "session");
    const failed = failure(guarded.login());
    await server.seen("refreshes", 1);
    client.disconnect();
    expect(await failed).to.include({ message: "The socket was disconnected." });
  });

  it("called twice, signs the second one in, and both hear of it", async () => {
    const server = await wireServer(guestsToo);
    const { guarded } = guardedClient(server, { getToken: () => null });
    await told(guarded, "session");
    await Promise.all([guarded.login("first"), guarded.login("second")]);
    expect(server.refreshes).to.deep.equal([{ token: "second" }]);
  });

  it("does not wait for a getToken that was asked for somebody else", async () => {
    const server = await wireServer(guestsToo);
    const { guarded, client } = guardedClient(server, { getToken: () => new Promise(() => undefined) });
    await event(client.io, "open");
    await nextTurn();
    await guarded.login("mine");
    expect(server.connects).to.deep.equal([{ token: "mine" }]);
  });

  it("sends no second CONNECT while one waits for its answer", async () => {
    const server = await wireServer();
    server.judge = () => "silence";
    const { guarded, client } = guardedClient(server);
    await server.seen("connects", 1);
    const done = guarded.login("mine");
    await nextTurn();
    expect(server.connects).to.have.lengthOf(1);
    server.judge = guestsToo;
    client.io.engine.close();
    await done;
    expect(server.connects).to.deep.equal([{ token: "token 1" }, { token: "mine" }]);
  });
});

describe("logout()", () => {
  afterEach(closeEverything);

  it("goes on as a guest, on the same connection and on the next", async () => {
    const server = await wireServer(guestsToo);
    const { guarded, client, time, asked } = guardedClient(server);
    await told(guarded, "session");
    const { id } = client;
    await guarded.logout();
    expect([client.id, server.refreshes, time.timers.size]).to.deep.equal([id, [{}], 0]);
    server.breakTransports();
    await told(guarded, "session");
    expect([server.connects, asked()]).to.deep.equal([[{ token: "token 1" }, {}], 1]);
    await guarded.login();
    expect(server.refreshes.at(-1)).to.deep.equal({ token: "token 2" });
  });

  it("disconnects where there are no guests", async () => {
    const server = await wireServer();
    const { guarded, client, ended, time } = guardedClient(server);
    await told(guarded, "session");
    await guarded.logout();
    expect([client.active, ended, time.timers.size]).to.deep.equal([false, [], 0]);
    await guarded.login();
    expect(client.connected).to.equal(true);
  });

  it("disconnects when the server does not answer", async () => {
    const server = await wireServer();
    server.judgeRefresh = () => "silence";
    const { guarded, client } = guardedClient(server, { ackTimeout: 20 });
    await told(guarded, "session");
    await guarded.logout();
    expect(client.active).to.equal(false);
  });

  it("while getToken is asked for a connect, connects as a guest", async () => {
    const server = await wireServer(guestsToo);
    const slow = signal<string>();
    const { guarded, client } = guardedClient(server, { getToken: () => slow.promise });
    await event(client.io, "open");
    await nextTurn();
    await guarded.logout();
    expect(await told(guarded, "session")).to.include({ expiresIn: null });
    slow.settle("too late");
    await client.emitWithAck("ask");
    expect([server.connects, server.refreshes]).to.deep.equal([[{}], []]);
  });

  it("while a CONNECT waits for its answer, leaves as soon as it is there", async () => {
    const server = await wireServer(guestsToo);
    const { guarded, client } = guardedClient(server);
    await server.seen("connects", 1);
    expect(client.connected).to.equal(false);
    await guarded.logout();
    await server.seen("refreshes", 1);
    expect([server.connects, server.refreshes]).to.deep.equal([[{ token: "token 1" }], [{}]]);
  });

  it("while a login is on its way, is the last word", async () => {
    const server = await wireServer(guestsToo);
    const { guarded } = guardedClient(server, { getToken: () => null });
    await told(guarded, "session");
    const failed = failure(guarded.login("mine"));
    await guarded.logout();
    expect(await failed).to.include({ message: "Logged out." });
    expect(server.refreshes.at(-1)).to.deep.equal({});
  });

  it("of a socket that is not connected sends nothing", async () => {
    const server = await wireServer(guestsToo);
    const { guarded, client, asked } = guardedClient(server, { client: { autoConnect: false } });
    await guarded.logout();
    client.connect();
    await told(guarded, "session");
    expect([server.connects, asked()]).to.deep.equal([[{}], 0]);
  });

  it("fails when the server cannot be reached and nobody tries again", async () => {
    const server = await wireServer();
    await new Promise<void>((resolve) => void server.io.close(() => resolve()));
    for (const client of [{ reconnection: false }, { reconnectionAttempts: 1, reconnectionDelay: 1 }]) {
      const { guarded } = guardedClient(server, { client: { autoConnect: false, ...client } });
      const ended = told<Ended>(guarded, "ended");
      expect((await failure(guarded.login())).message).to.match(/cannot be reached/);
      expect(await ended).to.deep.equal({ denial: null, reconnectIn: null });
    }
  });
});
