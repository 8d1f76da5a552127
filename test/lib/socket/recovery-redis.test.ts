import { createAdapter } from "@socket.io/redis-streams-adapter";
import { after, afterEach, before, describe, it } from "mocha";
import type { Namespace, Server } from "socket.io";
import { eventually } from "../../support/eventually.js";
import { connectRedis, needRedis, startRedis, type Redis, type RedisClient } from "../../support/redis.js";
import { closeEverything, closeLater, event, serve, type Setting } from "../../support/server.js";
import { expectAll, memberOf, recoverySuite, type Node, type Nodes } from "./recovery-suite.js";

describe("connection state recovery, with redis-streams", () => {
  let redis: Redis;

  before(async function () {
    needRedis(this);
    redis = await startRedis([]);
  });
  after(() => redis?.close());
  afterEach(closeEverything);
  afterEach(() => { clients.length = 0; });

  /** The connections of the nodes of this test. */
  const clients: RedisClient[] = [];

  async function node(setting: Setting | undefined, streamName: string): Promise<Node> {
    const client = await connectRedis(redis);
    // After what the adapter still writes.
    closeLater(() => client.close());
    clients.push(client);
    const createStreams = createAdapter(client, { streamName, channelPrefix: streamName, sessionKeyPrefix: `${streamName}:`, blockTimeInMs: 50 });
    /** The entries of the stream that the adapter has read. */
    const read = new Set<string>();
    // Socket.IO calls it with "new".
    function adapter(namespace: Namespace) {
      const streams = createStreams(namespace);
      const handle = streams.onRawMessage.bind(streams);
      streams.onRawMessage = (message, offset) => { read.add(offset); handle(message, offset); };
      return streams;
    }
    const caughtUp = async () => {
      // Redis answers each connection after what it has sent before.
      await Promise.all(clients.map((one) => one.ping()));
      const entry = await client.xAdd(streamName, "*", { nsp: "/", uid: "test", type: "0" });
      await eventually(() => read.has(entry), "the node reads the stream to its end");
    };
    const served = await serve({ ...setting, server: { ...setting?.server, adapter: adapter as never } });
    return Object.assign(served, { caughtUp });
  }

  let streams = 0;

  describe("onto the same node", () => {
    recoverySuite(async (setting) => {
      const one = await node(setting, `stream-${streams += 1}`);
      return [one, one];
    });
  });

  describe("onto another node", () => {
    const nodes: Nodes = async (setting) => {
      const stream = `stream-${streams += 1}`;
      const both = [await node(setting, stream), await node(setting, stream)] as const;
      await Promise.all(both.map(({ io }) => allKnown(io, both.length)));
      return both;
    };
    recoverySuite(nodes);

    it("works after the first node has closed, also for a user that msgpack cannot encode", async () => {
      const [first, second] = await nodes({ server: { connectionStateRecovery: {} }, findUser: () => ({ id: 1n }) });
      const { client, heard } = await memberOf(first);
      const gone = event(client, "disconnect");
      await first.io.close();
      await gone;
      second.io.to("room").emit("news", 1);
      await expectAll(second, client, heard, [1]);
    });
  });
});

/** Settles when a node's adapter hears of that many nodes. */
async function allKnown(io: Server, count: number): Promise<void> {
  while (await io.of("/").adapter.serverCount() < count) await new Promise((resolve) => setImmediate(resolve));
}
