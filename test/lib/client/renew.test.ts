// When a client renews its session: in time, even if its clocks are wrong.
import { expect } from "chai";
import { closeEverything, nextTurn } from "../../support/server.js";
import { openGuardClient, emitted, wireServer } from "./support.js";

const minute = 60_000;

describe("a guard client whose session will end", () => {
  afterEach(closeEverything);

  for (const [chance, after] of [[0, 45 * minute], [1, 54 * minute]] as const) {
    it(`renews it on the open connection after ${after / minute} of 60 minutes`, async () => {
      const server = await wireServer();
      const { client, time, socket } = openGuardClient(server);
      time.chance = chance;
      await emitted(client, "session");
      const { id } = socket;
      for (const number of [1, 2, 3]) {
        time.advance(after - 1);
        await nextTurn();
        expect(server.refreshes).to.have.lengthOf(number - 1);
        const renewed = emitted(client, "session");
        time.advance(1);
        expect(await renewed).to.include({ expiresIn: 60 * minute });
        expect(server.refreshes.at(-1)).to.deep.equal({ token: `token ${number + 1}` });
      }
      expect([socket.id, server.connects.length]).to.deep.equal([id, 1]);
    });
  }

  it("ignores expiresAt, because the client's clock may be years off", async () => {
    const server = await wireServer();
    const { client, time } = openGuardClient(server);
    time.wallAhead = 5 * 365 * 24 * 60 * minute;
    await emitted(client, "session");
    time.advance(44 * minute);
    await nextTurn();
    expect(server.refreshes).to.deep.equal([]);
    time.advance(minute);
    await server.seen("refreshes", 1);
  });

  it("renews a session of ninety days, although no timer can wait that long", async () => {
    const days = 24 * 60 * minute;
    const server = await wireServer(() => 90 * days);
    const { client, time } = openGuardClient(server);
    await emitted(client, "session");
    expect(Math.max(...[...time.timers.values()].map(({ wait }) => wait))).to.be.at.most(30_000);
    time.advance(67 * days);
    await nextTurn();
    expect(server.refreshes).to.deep.equal([]);
    time.advance(days / 2);
    await server.seen("refreshes", 1);
  });

  it("starts no timer as a guest", async () => {
    const server = await wireServer(() => null);
    const { client, time } = openGuardClient(server, { getToken: () => null });
    await emitted(client, "session");
    expect(time.timers.size).to.equal(0);
  });

  it("notices within half a minute that the machine was asleep", async () => {
    const server = await wireServer();
    const { client, time } = openGuardClient(server);
    await emitted(client, "session");
    time.sleep(50 * minute);
    time.advance(30_000);
    await server.seen("refreshes", 1);
  });

  it("renews at once after a sleep that was longer than the session, which reveals a dead transport", async () => {
    const server = await wireServer();
    const { client, time } = openGuardClient(server);
    await emitted(client, "session");
    time.sleep(24 * 60 * minute);
    time.advance(30_000);
    await server.seen("refreshes", 1);
  });

  it("checks the clocks at once when the page is shown again", async () => {
    const page = new EventTarget();
    const global = globalThis as { addEventListener?: unknown; removeEventListener?: unknown };
    global.addEventListener = page.addEventListener.bind(page);
    global.removeEventListener = page.removeEventListener.bind(page);
    try {
      const server = await wireServer();
      const { client, time } = openGuardClient(server);
      await emitted(client, "session");
      page.dispatchEvent(new Event("visibilitychange"));
      await nextTurn();
      expect(server.refreshes).to.deep.equal([]);
      time.sleep(50 * minute);
      page.dispatchEvent(new Event("visibilitychange"));
      await server.seen("refreshes", 1);
      client.close();
    } finally {
      delete global.addEventListener;
      delete global.removeEventListener;
    }
  });

  it("does not renew in a tight loop if the token stays the same", async () => {
    const end = 10 * minute;
    const server = await wireServer();
    const { client, time, socket } = openGuardClient(server, { getToken: () => "the same" });
    server.judge = () => Math.max(end - time.now, 0);
    await emitted(client, "session");
    for (let step = 0; step < 600; step += 1) {
      time.advance(1_000);
      await socket.emitWithAck("ask");
    }
    expect(server.refreshes.length).to.be.within(3, 8);
  });

  it("lets the session run out if getToken returns null", async () => {
    const server = await wireServer();
    let token: string | null = "token";
    const { client, time, socket } = openGuardClient(server, { getToken: () => token });
    await emitted(client, "session");
    token = null;
    time.advance(50 * minute);
    await socket.emitWithAck("ask");
    expect(server.refreshes).to.deep.equal([]);
  });
});
