// Messages for a user, revocations and evictions reach other nodes at once through Socket.IO's adapter. The nodes of these tests poll
// their store only every half hour.
import { expect } from "chai";
import { after, afterEach, before, describe, it } from "mocha";
import { io as openClient, type Socket } from "socket.io-client";
import type { Denial } from "../../lib/index.js";
import { startPostgres, type Postgres } from "../support/postgres.js";
import { needRedis, startRedis, type Redis } from "../support/redis.js";
import { closeEverything, closeLater, event } from "../support/server.js";
import { ClusterNode } from "./support/node.js";
import type { AdapterPlace, StorePlace } from "./support/places.js";
import { secret, tokenOf } from "./support/tokens.js";

describe("toUser, disconnectUser, evict, userChanged and revoke of one node", () => {
  let redis: Redis;
  let postgres: Postgres;
  before(async function () {
    needRedis(this);
    [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
  });
  after(() => Promise.all([redis?.close(), postgres?.close()]));
  afterEach(closeEverything);

  it("reach another node through the redis-streams adapter", () => reachesOtherNode({ kind: "redis-streams", url: redis.url }, { kind: "redis", url: redis.url }));
  it("reach another node through the sharded redis adapter", () => reachesOtherNode({ kind: "sharded redis", url: redis.url }, { kind: "redis", url: redis.url }));
  it("reach another node through the postgres adapter", () => reachesOtherNode({ kind: "postgres", url: postgres.url }, { kind: "postgres", url: postgres.url }));
  it("reach another node through the cluster adapter", () => {
    return reachesOtherNode({ kind: "cluster", url: "" }, { kind: "postgres", url: postgres.url });
  });
});

async function reachesOtherNode(adapter: AdapterPlace, store: StorePlace): Promise<void> {
  const nodes = await Promise.all([1, 2].map(() => ClusterNode.start({ secret, adapter, store, maxStaleness: "1h" })));
  for (const node of nodes) closeLater(() => node.kill());
  const [one, other] = nodes as [ClusterNode, ClusterNode];
  await Promise.all(nodes.map((node) => node.knows(2)));

  // Each test has its own user, because another test of the same store may have revoked all tokens of alice.
  const subject = `alice over ${adapter.kind}`;
  const [alice, bob] = await Promise.all([connect(other, subject), connect(other, "bob")]);
  const [news, hint, end] = [event<string>(alice, "news"), event<Denial>(alice, "guard:bye"), event<Denial>(bob, "guard:bye")];
  bob.on("news", () => { throw new Error("This message was for alice only."); });
  await one.ask("toUser", { subject, text: "for alice" });
  expect(await news).to.equal("for alice");
  for (const order of ["evict", "userChanged"] as const) {
    const room = `trial-${order}`;
    expect(await alice.emitWithAck("guard:join", { room })).to.deep.equal({ room });
    const left = event<Denial>(alice, "guard:left");
    if (order === "userChanged") await other.ask("ban", subject);
    await one.ask(order, { room, subject });
    expect(await left).to.include({ room, code: order === "evict" ? "evicted" : "forbidden" });
  }
  await one.ask("disconnectUser", "bob");
  expect((await end).code).to.equal("session_ended");
  await one.ask("revoke", { subject });
  expect((await hint).code).to.equal("token_revoked");
}

async function connect(node: ClusterNode, user: string): Promise<Socket> {
  const client = openClient(node.address, { forceNew: true, reconnection: false, transports: ["websocket"], auth: { token: tokenOf(user) } });
  closeLater(() => client.disconnect());
  await event(client, "guard:session");
  return client;
}
