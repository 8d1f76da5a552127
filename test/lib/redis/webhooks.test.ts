import { expect } from "chai";
import { redisWebhooks } from "../../../lib/redis/index.js";
import { codeOf } from "../signer/support.js";
import { delivery, describeWebhookQueue } from "../../support/webhook-queue.js";
import { describeOnRedis } from "./four-nodes.js";

describeOnRedis("the Redis store's webhooks", (clients) => {
  let next = 0;
  const node = () => redisWebhooks(clients[(next += 1) % clients.length]!);

  describeWebhookQueue("Redis", () => ({ connect: node, empty: async () => { await clients[0]!.flushAll(); } }));

  it("leave no key behind when all is delivered, and keep prefixes apart", async () => {
    await clients[0]!.flushAll();
    await node().add([delivery("1", "alice"), delivery("2", "alice"), delivery("3")]);
    expect(await redisWebhooks(clients[0]!, { prefix: "other" }).counts(["one"])).to.deep.equal([{ backlog: 0, dead: 0, oldest: null }]);
    expect((await clients[0]!.keys("*")).every((key) => key.startsWith("{socket.io-guard}:webhooks:"))).to.equal(true);
    let claims = await node().claim([{ name: "one", limit: 5 }], 1_000);
    while (claims.length > 0) {
      await node().settle(claims.map((claim) => ({ ...claim, outcome: "delivered", failingSince: null, delay: 0, reason: "", keep: false })), 1_000);
      claims = await node().claim([{ name: "one", limit: 5 }], 1_000);
    }
    expect(await clients[0]!.keys("*")).to.deep.equal([]);
  });
});

describe("redisWebhooks", () => {
  it("refuses anything but a client, and a wrong prefix", () => {
    for (const wrong of [undefined, {}, "redis://"]) expect(codeOf(() => redisWebhooks(wrong as never))).to.equal("store_invalid");
    expect(codeOf(() => redisWebhooks(undefined as never, { prefix: "{a}" }))).to.equal("option_invalid");
    expect(codeOf(() => redisWebhooks(undefined as never, { prefx: "a" } as never))).to.equal("option_unknown");
  });
});
