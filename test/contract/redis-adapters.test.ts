// Why docs/cluster.md says how to create a Redis client for an adapter: if Redis dies while an adapter publishes, the
// promise is rejected, and unless it is handled, the process ends. Each test runs in its own process.
import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, it } from "mocha";
import { needRedis, startRedis, type Redis } from "../support/redis.js";

const classic = `createAdapter(pub, sub)`;
const sharded = `createShardedAdapter(pub, sub)`;
const streams = `createStreamsAdapter(pub)`;
const broadcast = `io.emit("news")`;
const serverSide = `io.serverSideEmit("news")`;
const remedy = `const publish = pub.publish.bind(pub); pub.publish = (...given) => publish(...given).catch(() => 0);`;

const ends = 1;
const goesOn = 42;

const ways: [sentence: string, adapter: string, done: string, preparation: string, code: number][] = [
  ["the classic adapter's broadcast ends the process", classic, broadcast, "", ends],
  ["the classic adapter's serverSideEmit ends the process", classic, serverSide, "", ends],
  ["the redis-streams adapter's broadcast does not end the process", streams, broadcast, "", goesOn],
  ["the redis-streams adapter's serverSideEmit, which the guard uses, ends the process", streams, serverSide, "", ends],
  ["the sharded adapter's broadcast does not end the process", sharded, broadcast, "", goesOn],
  ["the sharded adapter's serverSideEmit does not end the process", sharded, serverSide, "", goesOn],
  ["the classic adapter does not end the process if the client's publish never rejects", classic, `${broadcast}; ${serverSide}`, remedy, goesOn],
  ["the redis-streams adapter does not end the process if the client's publish never rejects", streams, `${broadcast}; ${serverSide}`, remedy, goesOn],
];

describe("when Redis dies while an adapter publishes", () => {
  let redis: Redis;
  before(async function () {
    needRedis(this);
    redis = await startRedis();
  });
  after(() => redis?.close());

  for (const [sentence, adapter, done, preparation, code] of ways) {
    it(sentence, async () => {
      const child = spawn(process.execPath, ["--input-type=module", "--eval", script(redis.url, adapter, done, preparation)], { stdio: ["pipe", "pipe", "ignore"] });
      const ended = once(child, "exit");
      await once(child.stdout, "data");
      // A frozen Redis accepts what is published, and never answers.
      redis.freeze();
      child.stdin.write("publish");
      await once(child.stdout, "data");
      await redis.kill();
      const [ending] = await ended as [number | null];
      await redis.start();
      expect(ending).to.equal(code);
    });
  }
});

function script(url: string, adapter: string, done: string, preparation: string): string {
  return `
    import { createAdapter, createShardedAdapter } from "@socket.io/redis-adapter";
    import { createAdapter as createStreamsAdapter } from "@socket.io/redis-streams-adapter";
    import { createClient } from "redis";
    import { Server } from "socket.io";
    const connect = async () => {
      const client = createClient({ url: "${url}" });
      client.on("error", () => undefined);
      await client.connect();
      return client;
    };
    const [pub, sub] = [await connect(), await connect()];
    ${preparation}
    const io = new Server({ adapter: ${adapter} });
    // By then, a rejection would have ended the process.
    pub.once("error", () => setTimeout(() => process.exit(${goesOn}), 50));
    process.stdin.once("data", () => { ${done}; setImmediate(() => setImmediate(() => console.log("published"))); });
    // Wait until it has subscribed.
    while (await io.of("/").adapter.serverCount() < 1);
    for (let trips = 0; trips < 5; trips += 1) await pub.ping();
    console.log("ready");`;
}
