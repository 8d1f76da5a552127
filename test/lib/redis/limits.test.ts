import { expect } from "chai";
import { scriptRunner } from "../../../lib/redis/client.js";
import { redisLimits } from "../../../lib/redis/index.js";
import { RedisLimits } from "../../../lib/redis/limits.js";
import { describeLimitStore, waitOf, windowOf } from "../../support/limit-store.js";
import { pause } from "../../support/pause.js";
import { describeOnRedis } from "./four-nodes.js";

describeOnRedis("redisLimits", (clients) => {
  const key = "{socket.io-guard}:limits";
  let next = 0;
  const node = () => redisLimits(clients[(next += 1) % clients.length]!);

  describeLimitStore("Redis", () => ({
    connect: node,
    dump: async () => {
      const keys = await clients[0]!.keys(`${key}:*`);
      return JSON.stringify(await Promise.all(keys.filter((name) => name !== `${key}:nodes`).map((name) => clients[0]!.get(name))));
    },
    forgetNodes: () => clients[0]!.del(`${key}:nodes`),
  }));

  it("keeps prefixes apart, and each key until nobody needs it", async () => {
    await clients[0]!.flushAll();
    const window = windowOf(1, 60_000);
    await node().announce("a node");
    expect(await waitOf(node(), [window])).to.equal(0);
    expect(await waitOf(redisLimits(clients[0]!, { prefix: "other" }), [window])).to.equal(0);
    expect(await clients[0]!.keys("*")).to.have.members([`${key}:nodes`, `${key}:${window.id}`, `{other}:limits:${window.id}`]);
    expect(await clients[0]!.pTTL(`${key}:${window.id}`)).to.be.within(50_000, 60_002);
    expect(await clients[0]!.pTTL(`${key}:nodes`)).to.be.within(25_000, 30_000);
  });

  it("says that it may have lost what it counted if it does not know the node any more", async () => {
    const store = node();
    await store.announce("a node");
    expect(await store.announce("a node")).to.include({ isKnown: true });
    expect(await store.take([windowOf(1, 1_000)], "a node")).to.include({ isKnown: true });
    await clients[0]!.flushAll();
    expect(await store.take([windowOf(1, 1_000)], "a node")).to.include({ isKnown: false });
    expect(await store.announce("a node")).to.deep.equal({ nodes: 1, isKnown: false });
  });

  it("writes nothing for an event that has to wait", async () => {
    const window = windowOf(1, 60_000);
    await waitOf(node(), [window]);
    const before = await clients[0]!.pTTL(`${key}:${window.id}`);
    await pause(5);
    expect(await waitOf(node(), [window])).to.be.above(0);
    expect(await clients[0]!.pTTL(`${key}:${window.id}`)).to.be.below(before);
  });

  it("lets nobody wait for longer than the window after Redis' clock was set back", async () => {
    const window = windowOf(1, 60_000);
    const inAnHour = (Date.now() + 3_600_000) * 1_000;
    await clients[0]!.set(`${key}:${window.id}`, `${inAnHour} 1`);
    expect(await waitOf(node(), [window])).to.be.within(59_000, 60_001);
  });

  it("works with a client of ioredis, and with one that returns Buffers", async () => {
    const asked: unknown[][] = [];
    const client = { eval: async (...given: unknown[]) => (asked.push(given), ["1", "0", "1700000000000000"].map((text) => Buffer.from(text))), status: "ready" };
    const window = windowOf(20, 10_000);
    expect(await redisLimits(client, { prefix: "a" }).take([window], "a node")).to.deep.equal({ waits: [0], places: [1_700_000_000_000_000], isKnown: true });
    expect(asked[0]!.slice(1)).to.deep.equal([2, "{a}:limits:nodes", `{a}:limits:${window.id}`, "a node", "20", "10000000", "1"]);
  });

  it("sends the script again after Redis has forgotten it", async () => {
    const window = windowOf(2, 60_000);
    expect(await waitOf(node(), [window])).to.equal(0);
    await clients[0]!.scriptFlush();
    expect(await waitOf(node(), [window])).to.equal(0);
    expect(await waitOf(node(), [window])).to.be.above(0);
  });

  it("sends only the SHA-1 of a script that Redis knows", async () => {
    const window = windowOf(2, 60_000);
    await waitOf(node(), [window]);
    await clients[0]!.configResetStat();
    await waitOf(node(), [window]);
    expect(await clients[0]!.info("commandstats")).to.include("cmdstat_evalsha").and.not.include("cmdstat_eval:");
  });

  it("refuses anything but a Redis client, and unknown options", () => {
    expect(() => redisLimits({} as never)).to.throw("redisLimits(client) needs a connected client").with.property("code", "store_invalid");
    expect(() => redisLimits(clients[0]!, { prefx: "a" } as never)).to.throw("Did you mean `prefix`?");
    expect(new RedisLimits(scriptRunner(clients[0]!, "redisLimits"), key)).to.respondTo("take");
  });
});
