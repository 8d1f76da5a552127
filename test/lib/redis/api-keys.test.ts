import { expect } from "chai";
import { RedisApiKeys } from "../../../lib/redis/api-keys.js";
import { scriptRunner } from "../../../lib/redis/client.js";
import { redisStore } from "../../../lib/redis/index.js";
import { describeApiKeyStore, keyRecord } from "../../support/api-key-store.js";
import { describeOnRedis } from "./four-nodes.js";

describeOnRedis("the Redis store's API keys", (clients) => {
  const key = "{socket.io-guard}:api-keys";
  let next = 0;
  const node = () => new RedisApiKeys(scriptRunner(clients[(next += 1) % clients.length]!, "redisStore"), key);

  describeApiKeyStore("Redis", () => ({
    connect: node,
    dump: async () => JSON.stringify(await clients[0]!.hGetAll(key)),
    empty: async () => { await clients[0]!.flushAll(); },
  }));

  it("are part of redisStore, which keeps prefixes apart", async () => {
    await clients[0]!.flushAll();
    const record = keyRecord();
    await redisStore(clients[0]!).apiKeys!.add(record);
    expect(await node().list()).to.deep.equal([record]);
    expect(await redisStore(clients[0]!, { prefix: "other" }).apiKeys!.list()).to.deep.equal([]);
    await redisStore(clients[0]!).apiKeys!.used([record.id], 1);
    expect(await clients[0]!.keys("*")).to.have.members([key, `${key}:used`]);
  });
});
