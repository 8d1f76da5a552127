import { expect } from "chai";
import { io as openClient } from "socket.io-client";
import { guardClient } from "../../../lib/client/index.js";
import { closeEverything, closeLater, event, nextTurn, signal } from "../../support/server.js";
import { TestTime, openGuardClient, emitted, wireServer } from "./support.js";

describe("a guard client that connects", () => {
  afterEach(closeEverything);

  it("sends a token from getToken and emits the session", async () => {
    const server = await wireServer();
    const { client } = openGuardClient(server);
    expect(await emitted(client, "session")).to.include({ expiresIn: 3_600_000 });
    expect(server.connects).to.deep.equal([{ token: "token 1" }]);
  });

  it("connects in any namespace", async () => {
    const server = await wireServer();
    const { client, socket } = openGuardClient(server, { namespace: "/other" });
    await emitted(client, "session");
    expect(server.io.of("/other").sockets.has(socket.id!)).to.equal(true);
  });

  it("sends a fresh token each time the transport was lost", async () => {
    const server = await wireServer();
    const { client } = openGuardClient(server);
    for (const number of [1, 2, 3]) {
      await emitted(client, "session");
      expect(server.connects.at(-1)).to.deep.equal({ token: `token ${number}` });
      server.breakTransports();
    }
  });

  it("waits for connect() if the socket does not connect by itself", async () => {
    const server = await wireServer();
    const { socket, client, asked } = openGuardClient(server, { socket: { autoConnect: false } });
    await nextTurn();
    expect([socket.active, asked()]).to.deep.equal([false, 0]);
    socket.connect();
    await emitted(client, "session");
    expect(asked()).to.equal(1);
  });

  it("connects as a guest if getToken returns null, and sends the other fields of the app's auth", async () => {
    const server = await wireServer(() => null);
    const { client, socket } = openGuardClient(server, { getToken: () => null, socket: { auth: { tenant: "a", token: "the host's" } } });
    expect(await emitted(client, "session")).to.include({ expiresIn: null });
    expect(server.connects).to.deep.equal([{ tenant: "a" }]);
    client.close();
    const again = guardClient(socket, { getToken: () => "token" });
    closeLater(() => again.close());
    await emitted(again as typeof client, "session");
    expect(server.refreshes).to.deep.equal([{ tenant: "a", token: "token" }]);
  });

  it("accepts an asynchronous getToken", async () => {
    const server = await wireServer();
    const { client } = openGuardClient(server, { getToken: async () => { await nextTurn(); return "slow"; } });
    await emitted(client, "session");
    expect(server.connects).to.deep.equal([{ token: "slow" }]);
  });

  it("renews the session of an already connected socket at once, because it missed the notice", async () => {
    const server = await wireServer();
    const socket = openClient(server.address, { forceNew: true, auth: { token: "the host's" } });
    closeLater(() => socket.disconnect());
    await event(socket, "connect");
    const time = new TestTime();
    const client = guardClient(socket, { getToken: () => "token", time });
    closeLater(() => client.close());
    await event(socket, "guard:session");
    await server.seen("refreshes", 1);
    expect(server.connects).to.deep.equal([{ token: "the host's" }]);
    expect(server.refreshes).to.deep.equal([{ token: "token" }]);
  });

  it("sends one CONNECT if transports are lost while getToken is pending", async () => {
    const server = await wireServer();
    const slow = signal<string>();
    const { socket, client, asked } = openGuardClient(server, { getToken: () => slow.promise });
    for (let times = 0; times < 3; times += 1) {
      await event(socket.io, "open");
      await nextTurn();
      if (times < 2) socket.io.engine.close();
    }
    slow.settle("at last");
    await emitted(client, "session");
    expect([server.connects, asked()]).to.deep.equal([[{ token: "at last" }], 1]);
  });

  it("retries with growing delays while getToken throws", async () => {
    const server = await wireServer();
    let failures = 3;
    const { client, time, ended, asked } = openGuardClient(server, { getToken: () => {
      if (failures-- > 0) throw new Error("The network is down.");
      return "token";
    } });
    const waits: number[] = [];
    while (waits.length < 3) {
      const { reconnectIn } = await emitted<{ reconnectIn: number }>(client, "ended");
      waits.push(reconnectIn);
      time.advance(reconnectIn);
    }
    await emitted(client, "session");
    expect(waits).to.deep.equal([500, 1_000, 2_000]);
    expect(ended[0]!.denial).to.equal(null);
    expect([asked(), server.connects.length]).to.deep.equal([4, 1]);
  });

  it("stops waiting for a getToken that does not answer, and calls it again", async () => {
    const server = await wireServer();
    let first = true;
    const { socket, client, time } = openGuardClient(server, { tokenTimeout: 5_000, getToken: () => {
      if (!first) return "token";
      first = false;
      return new Promise(() => undefined);
    } });
    await event(socket.io, "open");
    await nextTurn();
    time.advance(4_999);
    const ended = emitted<{ reconnectIn: number }>(client, "ended");
    time.advance(1);
    time.advance((await ended).reconnectIn);
    await emitted(client, "session");
    expect(server.connects).to.deep.equal([{ token: "token" }]);
  });

  it("throws if getToken is not a function", () => {
    const socket = openClient("http://127.0.0.1:1", { autoConnect: false });
    expect(() => guardClient(socket, {} as never)).to.throw(TypeError, "`getToken` must be a function");
  });

  it("takes durations as milliseconds or as strings", async () => {
    const server = await wireServer();
    for (const [tokenTimeout, expected] of [[1_500, 1_500], ["250", 250], ["250ms", 250], ["1.5s", 1_500], ["20s", 20_000], [undefined, 10_000]] as const) {
      const { socket, time } = openGuardClient(server, { getToken: () => new Promise(() => undefined), ...(tokenTimeout !== undefined && { tokenTimeout }) });
      await event(socket.io, "open");
      await nextTurn();
      expect([...time.timers.values()].map(({ wait }) => wait), String(tokenTimeout)).to.deep.equal([expected]);
    }
  });

  it("throws if a duration cannot be read or is too long for a timer, and names the option", () => {
    const socket = openClient("http://127.0.0.1:1", { autoConnect: false });
    for (const wrong of [0, -1, Number.NaN, Infinity, 2 ** 31, "", "soon", "-1s", "1h30m", "1..5s", "25d", null]) {
      expect(() => guardClient(socket, { getToken: () => null, ackTimeout: wrong as never }), String(wrong)).to.throw(TypeError, "`ackTimeout` must be a duration from \"1ms\" to \"24d\".");
    }
  });
});
