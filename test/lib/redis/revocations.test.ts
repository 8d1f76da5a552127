import { expect } from "chai";
import { scriptRunner } from "../../../lib/redis/client.js";
import { redisStore } from "../../../lib/redis/index.js";
import { RedisRevocations } from "../../../lib/redis/revocations.js";
import { describeRevocationStore } from "../../support/revocation-store.js";
import { readAll, record } from "../../support/revocations.js";
import { describeOnRedis } from "./four-nodes.js";

describeOnRedis("the Redis store", (clients, server) => {
  const key = "{socket.io-guard}:revocations";
  let next = 0;
  const node = () => new RedisRevocations(scriptRunner(clients[(next += 1) % clients.length]!, "redisStore"), key);

  describeRevocationStore("Redis", () => ({
    connect: node,
    count: async () => {
      const counts = await Promise.all([clients[0]!.zCard(`${key}:order`), clients[0]!.zCard(`${key}:ends`), clients[0]!.hLen(key)]);
      expect([counts[0], counts[1], counts[2]]).to.deep.equal([counts[0], counts[0], counts[0] + 1]);
      return counts[0] - 1;
    },
    empty: async () => { await clients[0]!.flushAll(); },
  }));

  describe("when Redis has lost records", () => {
    beforeEach(async () => { await clients[0]!.flushAll(); });

    for (const lost of [key, `${key}:order`, `${key}:ends`]) {
      it(`counts as empty without ${lost}, and has a new epoch`, async () => {
        const store = node();
        await store.append([record("one")]);
        const { version } = await readAll(store);
        await clients[0]!.del(lost);
        const after = await readAll(store, version);
        expect(after.records).to.deep.equal([]);
        expect(after.version.epoch).not.to.equal(version.epoch);
      });
    }

    it("has a new epoch after a restart, because the last writes may be lost, and keeps its records", async () => {
      const store = node();
      await store.append([record("one")]);
      const { version } = await readAll(store);
      await server().kill();
      await server().start();
      const after = await readAll(store, version);
      expect(after.records.map(({ value }) => value)).to.deep.equal(["one"]);
      expect(after.version).to.have.property("number", version.number);
      expect(after.version.epoch).not.to.equal(version.epoch);
    });

    it("gets a new epoch after it was restored from an older copy, so that nodes notice the loss", async () => {
      const [writer, reader] = [node(), node()];
      await writer.append([record("kept"), record("lost")]);
      const { version } = await readAll(reader);
      await clients[0]!.hDel(key, "token lost");
      await clients[0]!.zRem(`${key}:order`, "token lost");
      await clients[0]!.zRem(`${key}:ends`, "token lost");
      await clients[0]!.hSet(key, "number", "1");
      await writer.append([record("new"), record("newer")]);
      const after = await readAll(reader, version);
      expect(after.version.epoch).not.to.equal(version.epoch);
      expect(after.records.map(({ value }) => value)).to.deep.equal(["kept", "new", "newer"]);
    });

    it("works for a Redis user without permission for INFO", async () => {
      await clients[0]!.sendCommand(["ACL", "SETUSER", "guard", "on", "nopass", "~{socket.io-guard}*", "+@all", "-@dangerous"]);
      const client = clients[0]!.duplicate({ username: "guard", password: "any" });
      client.on("error", () => undefined);
      await client.connect();
      const { revocations } = redisStore(client);
      await revocations!.append([record("one")]);
      expect((await readAll(revocations!)).records).to.have.length(1);
      client.destroy();
    });
  });

  it("keeps the records of two prefixes apart, each in one slot of a cluster", async () => {
    await clients[0]!.flushAll();
    const [one, other] = ["one", "other"].map((prefix) => redisStore(clients[0]!, { prefix }).revocations!);
    await one!.append([record("token")]);
    expect((await readAll(other!)).records).to.deep.equal([]);
    const keys = await clients[0]!.keys("*");
    expect(keys).to.have.members(["one", "other"].flatMap((prefix) => ["", ":order", ":ends"].map((part) => `{${prefix}}:revocations${part}`)));
  });
});

describe("redisStore", () => {
  it("refuses anything but a Redis client", () => {
    for (const wrong of [undefined, null, {}, "redis://"]) {
      expect(() => redisStore(wrong as never)).to.throw("a connected client of the package redis or ioredis").with.property("code", "store_invalid");
    }
  });

  it("refuses a prefix with braces, and unknown options", () => {
    const client = { eval: async () => [], isOpen: true };
    for (const prefix of ["", "{a}", "a}"]) expect(() => redisStore(client, { prefix })).to.throw("braces").with.property("code", "option_invalid");
    expect(() => redisStore(client, { prefx: "a" } as never)).to.throw("Did you mean `prefix`?");
  });

  it("works with a client of ioredis", async () => {
    const asked: unknown[][] = [];
    const client = { eval: async (...given: unknown[]) => (asked.push(given), [Buffer.from("epoch run"), "0", "0"]), status: "ready" };
    const { version } = await redisStore(client, { prefix: "a" }).revocations!.since(undefined);
    expect(version).to.deep.equal({ epoch: "epoch run", number: 0 });
    expect(asked[0]!.slice(1, 5)).to.deep.equal([3, "{a}:revocations", "{a}:revocations:order", "{a}:revocations:ends"]);
  });
});
