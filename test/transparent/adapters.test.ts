// Two nodes with each adapter, bare and guarded: what one does to the sockets of the other one is the same.
import { expect } from "chai";
import { after, afterEach, before, describe, it } from "mocha";
import { sql } from "kysely";
import type { AdapterPlace } from "../cluster/support/places.js";
import { Child, startProcess } from "../support/child.js";
import { eventually } from "../support/eventually.js";
import { connectPostgres, startPostgres, type Postgres } from "../support/postgres.js";
import { needRedis, startRedis, type Redis } from "../support/redis.js";
import { closeEverything, closeLater } from "../support/server.js";
import { actions, type Action } from "./adapters/actions.js";
import type { Commands } from "./adapters/node-program.js";
import { clientsOf } from "./guards.js";

/** A node in a process of its own: its connections to the adapter's database end with it. */
class Node extends Child<Commands> {
  address = "";

  static async start(place: AdapterPlace, isGuarded: boolean): Promise<Node> {
    const node = new Node(await startProcess("test/transparent/adapters/node-program.ts", place.kind === "cluster"));
    closeLater(() => node.kill());
    node.address = await node.ask("listen", { place, isGuarded });
    return node;
  }
}

/** Two nodes, with ann on the first and ben on the second. Answers what each action of the first one came to. */
async function observe(place: AdapterPlace, isGuarded: boolean): Promise<Record<string, unknown>> {
  const nodes = await Promise.all([Node.start(place, isGuarded), Node.start(place, isGuarded)]);
  for (const node of nodes) await eventually(async () => await node.ask("nodes") === 2, "the nodes know each other");

  const heard: unknown[] = [];
  for (const [number, name] of ["ann", "ben"].entries()) {
    const client = clientsOf(nodes[number]!.address)("/", { query: { name } });
    client.on("news", (...args: unknown[]) => heard.push([name, ...args]));
    client.on("question", (value: unknown, ack: (answer: unknown) => void) => ack(typeof value === "number" ? `${name} ${value}` : Buffer.isBuffer((value as { bytes: unknown }).bytes)));
    client.on("question of ann", (value: unknown, ack: (answer: unknown) => void) => { if (name === "ann") ack(value); });
    client.on("disconnect", (reason) => heard.push([name, "disconnect", reason]));
    await client.timeout(5_000).emitWithAck("ready");
  }

  const observed: Record<string, unknown> = {};
  for (const [name, [count]] of Object.entries(actions) as [Action, [count: number, unknown]][]) {
    const result = await nodes[0].ask("act", name);
    await eventually(async () => {
      for (const [number, node] of nodes.entries()) heard.push(...(await node.ask("noted")).map((noted) => [`server ${number + 1}`, noted]));
      return heard.length >= count;
    }, `the server that ${name} is heard`);
    observed[name] = { result, heard: heard.splice(0).map((one) => JSON.stringify(one)).sort() };
  }
  await closeEverything();
  return observed;
}

describe("two nodes, bare and guarded", () => {
  let redis: Redis;
  let postgres: Postgres;
  before(async function () {
    needRedis(this);
    [redis, postgres] = await Promise.all([startRedis([]), startPostgres()]);
    const database = connectPostgres(postgres);
    await sql`create table socket_io_attachments (id bigserial unique, created_at timestamptz default now(), payload bytea)`.execute(database);
    await database.destroy();
  });
  after(() => Promise.all([redis?.close(), postgres?.close()]));
  afterEach(closeEverything);

  for (const kind of ["redis-streams", "sharded redis", "classic redis", "postgres", "cluster"] as const) {
    it(`observe the same over the ${kind} adapter`, async () => {
      const place = { kind, url: kind === "postgres" ? postgres.url : redis.url };
      const bare = await observe(place, false);
      expect(bare["emits a Buffer to everybody"]).to.deep.include({ result: [true, true] });
      expect(bare["emits to a room of the other node"]).to.deep.include({ heard: ['["ben",1]'] });
      expect(await observe(place, true)).to.deep.equal(bare);
    });
  }
});
