import { expect } from "chai";
import { io as openClient } from "socket.io-client";
import { guardClient } from "../../../lib/client/index.js";
import { closeEverything, closeLater, event, nextTurn, signal } from "../../support/server.js";
import { TestTime, guardedClient, told, wireServer } from "./support.js";

describe("a guarded client that connects", () => {
  afterEach(closeEverything);

  it("brings a token of getToken, and hears of its session", async () => {
    const server = await wireServer();
    const { guarded } = guardedClient(server);
    expect(await told(guarded, "session")).to.include({ expiresIn: 3_600_000 });
    expect(server.connects).to.deep.equal([{ token: "token 1" }]);
  });

  it("in any namespace", async () => {
    const server = await wireServer();
    const { guarded, client } = guardedClient(server, { namespace: "/other" });
    await told(guarded, "session");
    expect(server.io.of("/other").sockets.has(client.id!)).to.equal(true);
  });

  it("brings a fresh token whenever the transport broke", async () => {
    const server = await wireServer();
    const { guarded } = guardedClient(server);
    for (const number of [1, 2, 3]) {
      await told(guarded, "session");
      expect(server.connects.at(-1)).to.deep.equal({ token: `token ${number}` });
      server.breakTransports();
    }
  });

  it("waits for connect() when the socket does not connect by itself", async () => {
    const server = await wireServer();
    const { client, guarded, asked } = guardedClient(server, { client: { autoConnect: false } });
    await nextTurn();
    expect([client.active, asked()]).to.deep.equal([false, 0]);
    client.connect();
    await told(guarded, "session");
    expect(asked()).to.equal(1);
  });

  it("connects as a guest without a token, and keeps what else the host's auth had", async () => {
    const server = await wireServer(() => null);
    const { guarded, client } = guardedClient(server, { getToken: () => null, client: { auth: { tenant: "a", token: "the host's" } } });
    expect(await told(guarded, "session")).to.include({ expiresIn: null });
    expect(server.connects).to.deep.equal([{ tenant: "a" }]);
    guarded.close();
    const again = guardClient(client, { getToken: () => "token" });
    closeLater(() => again.close());
    await told(again as typeof guarded, "session");
    expect(server.refreshes).to.deep.equal([{ tenant: "a", token: "token" }]);
  });

  it("takes a getToken that answers later", async () => {
    const server = await wireServer();
    const { guarded } = guardedClient(server, { getToken: async () => { await nextTurn(); return "slow"; } });
    await told(guarded, "session");
    expect(server.connects).to.deep.equal([{ token: "slow" }]);
  });

  it("renews a socket at once that was connected before, because its notice was missed", async () => {
    const server = await wireServer();
    const client = openClient(server.address, { forceNew: true, auth: { token: "the host's" } });
    closeLater(() => client.disconnect());
    await event(client, "connect");
    const time = new TestTime();
    const guarded = guardClient(client, { getToken: () => "token", time });
    closeLater(() => guarded.close());
    await event(client, "guard:session");
    await server.seen("refreshes", 1);
    expect(server.connects).to.deep.equal([{ token: "the host's" }]);
    expect(server.refreshes).to.deep.equal([{ token: "token" }]);
  });

  it("sends one CONNECT where transports broke while getToken was slow", async () => {
    const server = await wireServer();
    const slow = signal<string>();
    const { client, guarded, asked } = guardedClient(server, { getToken: () => slow.promise });
    for (let times = 0; times < 3; times += 1) {
      await event(client.io, "open");
      await nextTurn();
      if (times < 2) client.io.engine.close();
    }
    slow.settle("at last");
    await told(guarded, "session");
    expect([server.connects, asked()]).to.deep.equal([[{ token: "at last" }], 1]);
  });

  it("tries again, at growing intervals, while getToken throws", async () => {
    const server = await wireServer();
    let failures = 3;
    const { guarded, time, ended, asked } = guardedClient(server, { getToken: () => {
      if (failures-- > 0) throw new Error("The network is down.");
      return "token";
    } });
    const waits: number[] = [];
    while (waits.length < 3) {
      const { reconnectIn } = await told<{ reconnectIn: number }>(guarded, "ended");
      waits.push(reconnectIn);
      time.advance(reconnectIn);
    }
    await told(guarded, "session");
    expect(waits).to.deep.equal([500, 1_000, 2_000]);
    expect(ended[0]!.denial).to.equal(null);
    expect([asked(), server.connects.length]).to.deep.equal([4, 1]);
  });

  it("gives a getToken up that does not answer", async () => {
    const server = await wireServer();
    let first = true;
    const { client, guarded, time } = guardedClient(server, { tokenTimeout: 5_000, getToken: () => {
      if (!first) return "token";
      first = false;
      return new Promise(() => undefined);
    } });
    await event(client.io, "open");
    await nextTurn();
    time.advance(4_999);
    const ended = told<{ reconnectIn: number }>(guarded, "ended");
    time.advance(1);
    time.advance((await ended).reconnectIn);
    await told(guarded, "session");
    expect(server.connects).to.deep.equal([{ token: "token" }]);
  });

  it("needs a getToken", () => {
    const client = openClient("http://127.0.0.1:1", { autoConnect: false });
    expect(() => guardClient(client, {} as never)).to.throw(TypeError, "guardClient needs getToken");
  });
});
