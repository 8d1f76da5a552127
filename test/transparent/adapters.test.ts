// Two nodes with each adapter, bare and guarded: what one does to the sockets of the other one is the same.
import { createServer } from "node:http";
import { setupPrimary } from "@socket.io/cluster-adapter";
import { expect } from "chai";
import { after, afterEach, before, describe, it } from "mocha";
import { sql } from "kysely";
import { Server } from "socket.io";
import { adapterOf, type AdapterPlace } from "../cluster/support/places.js";
import { Child, startProcess } from "../support/child.js";
import { eventually } from "../support/eventually.js";
import { connectPostgres, startPostgres, type Postgres } from "../support/postgres.js";
import { needRedis, startRedis, type Redis } from "../support/redis.js";
import { closeEverything, closeLater, listen } from "../support/server.js";
import { actions, prepare, type Action } from "./adapters/actions.js";
import type { Commands } from "./adapters/node-program.js";
import { clientsOf, guardForUsers } from "./guards.js";

interface Node {
  readonly address: string;
  act(name: Action): unknown;
  /** What its server noted since the last call. */
  noted(): Promise<unknown[]>;
  nodes(): Promise<number>;
}

async function startInProcess(place: AdapterPlace, isGuarded: boolean): Promise<Node> {
  const web = createServer();
  const io = new Server(web, { adapter: (await adapterOf(place)) as never });
  if (isGuarded) guardForUsers(io);
  const notes: unknown[] = [];
  prepare(io, (...things) => notes.push(things));
  closeLater(() => io.close());
  return {
    address: await listen(web),
    act: (name) => actions[name][1](io),
    noted: () => Promise.resolve(notes.splice(0)),
    nodes: () => io.of("/").adapter.serverCount(),
  };
}

class WorkerNode extends Child<Commands> implements Node {
  address = "";

  static async start(isGuarded: boolean): Promise<WorkerNode> {
    const node = new WorkerNode(await startProcess("test/transparent/adapters/node-program.ts", true));
    closeLater(() => node.kill());
    node.address = await node.ask("listen", isGuarded);
    return node;
  }

  act(name: Action): unknown { return this.ask("act", name); }
  noted(): Promise<unknown[]> { return this.ask("noted"); }
  nodes(): Promise<number> { return this.ask("nodes"); }
}

/** Two nodes, with ann on the first and ben on the second. Answers what each action of the first one came to. */
async function observe(place: AdapterPlace, isGuarded: boolean): Promise<Record<string, unknown>> {
  const start = () => place.kind === "cluster" ? WorkerNode.start(isGuarded) : startInProcess(place, isGuarded);
  const nodes = await Promise.all([start(), start()]);
  for (const node of nodes) await eventually(async () => await node.nodes() === 2, "the nodes know each other");

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
    const result = await nodes[0].act(name);
    await eventually(async () => {
      for (const [number, node] of nodes.entries()) heard.push(...(await node.noted()).map((noted) => [`server ${number + 1}`, noted]));
      return heard.length >= count;
    }, `the server that ${name} is heard`);
    observed[name] = { result, heard: heard.splice(0).map((one) => JSON.stringify(one)).sort() };
  }
  await closeEverything();
  return observed;
}

describe("two nodes, bare and guarded", function () {
  this.timeout(60_000);
  let redis: Redis;
  let postgres: Postgres;
  before(async function () {
    needRedis(this);
    [redis, postgres] = await Promise.all([startRedis([]), startPostgres()]);
    setupPrimary();
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
