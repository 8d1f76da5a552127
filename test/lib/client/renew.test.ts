// When a client renews its session: in time, whatever its clocks do.
import { expect } from "chai";
import { closeEverything, nextTurn } from "../../support/server.js";
import { guardedClient, told, wireServer } from "./support.js";

const minute = 60_000;

describe("a guarded client whose session will end", () => {
  afterEach(closeEverything);

  for (const [chance, after] of [[0, 45 * minute], [1, 54 * minute]] as const) {
    it(`renews it in place when ${after / minute} of its 60 minutes are over`, async () => {
      const server = await wireServer();
      const { guarded, time, client } = guardedClient(server);
      time.chance = chance;
      await told(guarded, "session");
      const { id } = client;
      for (const number of [1, 2, 3]) {
        time.advance(after - 1);
        await nextTurn();
        expect(server.refreshes).to.have.lengthOf(number - 1);
        const renewed = told(guarded, "session");
        time.advance(1);
        expect(await renewed).to.include({ expiresIn: 60 * minute });
        expect(server.refreshes.at(-1)).to.deep.equal({ token: `token ${number + 1}` });
      }
      expect([client.id, server.connects.length]).to.deep.equal([id, 1]);
    });
  }

  it("does not look at expiresAt: the client's clock may be years off", async () => {
    const server = await wireServer();
    const { guarded, time } = guardedClient(server);
    time.wallAhead = 5 * 365 * 24 * 60 * minute;
    await told(guarded, "session");
    time.advance(44 * minute);
    await nextTurn();
    expect(server.refreshes).to.deep.equal([]);
    time.advance(minute);
    await server.seen("refreshes", 1);
  });

  it("renews one of ninety days, which no timer can wait for", async () => {
    const days = 24 * 60 * minute;
    const server = await wireServer(() => 90 * days);
    const { guarded, time } = guardedClient(server);
    await told(guarded, "session");
    expect(Math.max(...[...time.timers.values()].map(({ wait }) => wait))).to.be.at.most(30_000);
    time.advance(67 * days);
    await nextTurn();
    expect(server.refreshes).to.deep.equal([]);
    time.advance(days / 2);
    await server.seen("refreshes", 1);
  });

  it("has nothing to renew as a guest", async () => {
    const server = await wireServer(() => null);
    const { guarded, time } = guardedClient(server, { getToken: () => null });
    await told(guarded, "session");
    expect(time.timers.size).to.equal(0);
  });

  it("sees half a minute after the machine woke that it is late", async () => {
    const server = await wireServer();
    const { guarded, time } = guardedClient(server);
    await told(guarded, "session");
    time.sleep(50 * minute);
    time.advance(30_000);
    await server.seen("refreshes", 1);
  });

  it("tries at once when it wakes after the end, which shows a dead transport", async () => {
    const server = await wireServer();
    const { guarded, time } = guardedClient(server);
    await told(guarded, "session");
    time.sleep(24 * 60 * minute);
    time.advance(30_000);
    await server.seen("refreshes", 1);
  });

  it("looks at once when the page is shown again", async () => {
    const page = new EventTarget();
    const global = globalThis as { addEventListener?: unknown; removeEventListener?: unknown };
    global.addEventListener = page.addEventListener.bind(page);
    global.removeEventListener = page.removeEventListener.bind(page);
    try {
      const server = await wireServer();
      const { guarded, time } = guardedClient(server);
      await told(guarded, "session");
      page.dispatchEvent(new Event("visibilitychange"));
      await nextTurn();
      expect(server.refreshes).to.deep.equal([]);
      time.sleep(50 * minute);
      page.dispatchEvent(new Event("visibilitychange"));
      await server.seen("refreshes", 1);
      guarded.close();
    } finally {
      delete global.addEventListener;
      delete global.removeEventListener;
    }
  });

  it("does not hurry with a token that stays the same", async () => {
    const end = 10 * minute;
    const server = await wireServer();
    const { guarded, time, client } = guardedClient(server, { getToken: () => "the same" });
    server.judge = () => Math.max(end - time.now, 0);
    await told(guarded, "session");
    for (let step = 0; step < 600; step += 1) {
      time.advance(1_000);
      await client.emitWithAck("ask");
    }
    expect(server.refreshes.length).to.be.within(3, 8);
  });

  it("lets the session run out when there is no token any more", async () => {
    const server = await wireServer();
    let token: string | null = "token";
    const { guarded, time, client } = guardedClient(server, { getToken: () => token });
    await told(guarded, "session");
    token = null;
    time.advance(50 * minute);
    await client.emitWithAck("ask");
    expect(server.refreshes).to.deep.equal([]);
  });
});
