// Presence on real nodes, over real adapters: nodes are killed, suspended and closed, and the adapter's server goes away.
import { expect } from "chai";
import { after, afterEach, before, describe, it } from "mocha";
import { startPostgres, type Postgres } from "../support/postgres.js";
import { needRedis, startRedis, type Redis } from "../support/redis.js";
import { closeEverything } from "../support/server.js";
import type { AdapterPlace } from "./support/places.js";
import { PresenceClient, PresenceNode } from "./support/presence-node.js";

const maxStaleness = 1_000;
/** The bound of docs/presence.md. */
const bound = maxStaleness + 1_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

describe("presence of several nodes", () => {
  let redis: Redis;
  let postgres: Postgres;
  before(async function () {
    needRedis(this);
    [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
  });
  after(() => Promise.all([redis?.close(), postgres?.close()]));
  afterEach(closeEverything);

  const places: Record<"redis-streams" | "sharded redis" | "postgres" | "cluster", () => AdapterPlace> = {
    "redis-streams": () => ({ kind: "redis-streams", url: redis.url }),
    "sharded redis": () => ({ kind: "sharded redis", url: redis.url }),
    "postgres": () => ({ kind: "postgres", url: postgres.url }),
    "cluster": () => ({ kind: "cluster", url: "" }),
  };

  for (const [kind, place] of Object.entries(places)) {
    it(`is the same on each node and for each client, over the ${kind} adapter`, async () => {
      const [one, two] = await PresenceNode.startAll(2, place(), maxStaleness) as [PresenceNode, PresenceNode];
      const alice = await PresenceClient.join(one, "room-1", "alice");
      await two.shows("room-1", ["alice"]);
      const bob = await PresenceClient.join(two, "room-1", "bob");
      const again = await PresenceClient.join(two, "room-1", "alice");
      await PresenceClient.join(two, "room-2", "carol");
      for (const client of [alice, bob, again]) await client.knows(["alice", "bob"]);
      alice.socket.disconnect();
      await one.shows("room-2", ["carol"]);
      again.socket.disconnect();
      await bob.knows(["bob"]);
      for (const node of [one, two]) await node.shows("room-1", ["bob"]);
    });
  }

  for (const kind of ["redis-streams", "postgres"] as const) {
    it(`lets the members of a killed node leave within maxStaleness + 1 s, and those who are elsewhere too stay, over the ${kind} adapter`, async () => {
      const nodes = await PresenceNode.startAll(3, places[kind](), maxStaleness);
      const [one, two, three] = nodes as [PresenceNode, PresenceNode, PresenceNode];
      const watchers = [await PresenceClient.join(one, "room-1", "alice"), await PresenceClient.join(two, "room-1", "bob")];
      for (const user of ["carol", "dan", "alice"]) await PresenceClient.join(three, "room-1", user);
      for (const client of watchers) await client.knows(["alice", "bob", "carol", "dan"]);

      const killedAt = Date.now();
      await three.kill();
      for (const client of watchers) await client.knows(["alice", "bob"]);
      for (const node of [one, two]) await node.shows("room-1", ["alice", "bob"]);
      const waits = watchers.flatMap(({ leftAt }) => [...leftAt.values()].map((at) => at - killedAt));
      console.log(`  ${kind}: members of a killed node left after ${Math.min(...waits)} to ${Math.max(...waits)} ms, with a bound of ${bound} ms`);
      expect(waits).to.have.lengthOf(4);
      expect(Math.max(...waits)).to.be.at.most(bound);
      for (const { leftAt } of watchers) expect([...leftAt.keys()]).to.have.members(["carol", "dan"]);
    });
  }

  it("lets the members of a node that is closed leave at once", async () => {
    const [one, two] = await PresenceNode.startAll(2, places["redis-streams"](), 30_000) as [PresenceNode, PresenceNode];
    const alice = await PresenceClient.join(one, "room-1", "alice");
    await PresenceClient.join(two, "room-1", "bob");
    await alice.knows(["alice", "bob"]);
    await two.ask("close");
    await alice.knows(["alice"]);
  });

  it("shows a node that was suspended for longer than maxStaleness as gone, and then again", async () => {
    const [one, two] = await PresenceNode.startAll(2, places["redis-streams"](), maxStaleness) as [PresenceNode, PresenceNode];
    const alice = await PresenceClient.join(one, "room-1", "alice");
    const bob = await PresenceClient.join(two, "room-1", "bob");
    await alice.knows(["alice", "bob"]);
    two.freeze();
    await alice.knows(["alice"]);
    two.thaw();
    await alice.knows(["alice", "bob"]);
    await sleep(bound);
    expect([...bob.leftAt.keys()]).to.deep.equal([]);
    await bob.knows(["alice", "bob"]);
  });

  for (const kind of ["redis-streams", "postgres"] as const) {
    it(`is the same again after the server of the ${kind} adapter was away for longer than maxStaleness, and members came and went`, async () => {
      const server = kind === "postgres" ? postgres : redis;
      const [one, two] = await PresenceNode.startAll(2, places[kind](), maxStaleness) as [PresenceNode, PresenceNode];
      const alice = await PresenceClient.join(one, "room-1", "alice");
      const bob = await PresenceClient.join(two, "room-1", "bob");
      for (const client of [alice, bob]) await client.knows(["alice", "bob"]);
      await server.kill();
      await alice.knows(["alice"]);
      await bob.knows(["bob"]);
      const carol = await PresenceClient.join(one, "room-1", "carol");
      const dan = await PresenceClient.join(two, "room-1", "dan");
      bob.socket.disconnect();
      await alice.knows(["alice", "carol"]);
      await server.start();
      for (const client of [alice, carol, dan]) await client.knows(["alice", "carol", "dan"]);
      for (const node of [one, two]) await node.shows("room-1", ["alice", "carol", "dan"]);
    });
  }
});
