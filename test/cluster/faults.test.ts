// What breaks in the middle of a revocation, with real processes and real servers: nothing is accepted from whoever was
// revoked once maxStaleness has passed since the revocation was durable.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { sql } from "kysely";
import type { GuardStore } from "../../lib/index.js";
import { redisStore } from "../../lib/redis/index.js";
import { sqlStore } from "../../lib/sql/index.js";
import { drawn, draws, randomFrom, seed } from "../support/draws.js";
import { connectPostgres, startPostgres } from "../support/postgres.js";
import type { RealServer } from "../support/real-server.js";
import { connectRedis, needRedis, startRedis } from "../support/redis.js";
import { ClusterNode } from "./support/node.js";
import type { AdapterPlace, StorePlace } from "./support/places.js";
import { secret } from "./support/tokens.js";
import { maxStaleness, Trial, type Fault, type Nodes, type Tally } from "./support/trial.js";

/** How often each fault is tried; TRIALS says another number. `npm test` tries a few of them once, another few each time. */
const repeats = Number(process.env["TRIALS"] ?? draws(3));
const fewest = 3;

type Server = RealServer & { readonly url: string };

interface Place {
  readonly open: () => Promise<Server>;
  /** A connection of the test's own. */
  readonly connect: (server: Server) => Promise<{ readonly store: GuardStore; readonly close: () => unknown }>;
  readonly adapter: AdapterPlace["kind"];
  /** Kills it, and starts it again with nothing in it. */
  readonly lose: (server: Server) => Promise<void>;
}

const places: Record<StorePlace["kind"], Place> = {
  redis: {
    open: startRedis,
    connect: async (server) => {
      const client = await connectRedis(server);
      return { store: redisStore(client), close: () => client.destroy() };
    },
    adapter: "redis-streams",
    lose: async (server) => {
      await server.kill();
      rmSync(join(server.folder, "appendonlydir"), { recursive: true });
      await server.start();
    },
  },
  postgres: {
    open: startPostgres,
    connect: async (server) => {
      const database = connectPostgres(server);
      return { store: sqlStore(database), close: () => database.destroy() };
    },
    adapter: "postgres",
    lose: async (server) => {
      await server.kill();
      await server.start();
      const database = connectPostgres(server);
      await sql`drop table guard_revocations, guard_revocation_version`.execute(database);
      await database.destroy();
    },
  },
};

for (const [kind, place] of Object.entries(places) as [StorePlace["kind"], Place][]) {
  describe(`a revocation in ${kind}`, function () {
    this.timeout(60_000 + repeats * 10_000);
    const random = randomFrom(seed());
    const tallies = new Map<string, Tally>();
    const faults = new Map<string, Fault>();
    let server: Server;
    let nodes: Nodes;
    let connection: Awaited<ReturnType<Place["connect"]>>;

    before(async function () {
      if (kind === "redis") needRedis(this);
      server = await place.open();
      connection = await place.connect(server);
      const [one, other] = await Promise.all([start(), start()]);
      nodes = { one, other };
    });
    after(async () => {
      print(kind, tallies);
      await Promise.all([nodes?.one.kill(), nodes?.other.kill()]);
      await connection?.close();
      await server?.close();
    });

    async function start(): Promise<ClusterNode> {
      const { url } = server;
      const node = await ClusterNode.start({ secret, store: { kind, url }, adapter: { kind: place.adapter, url }, maxStaleness });
      await node.ask("broadcast", 5);
      return node;
    }

    /** Somewhere in the middle of what was just begun: before it reached the node, in it, in the store, or after it. */
    async function aMoment(): Promise<void> {
      await new Promise((resolve) => setTimeout(resolve, random() * 15));
    }

    const holds = (sentence: string, fault: Fault) => void faults.set(sentence, fault);

    holds("holds when nothing breaks", async (trial) => trial.durable(await trial.revoke()));

    holds("holds when all hints are lost", async (trial) => {
      await trial.nodes.one.ask("loseHints");
      return trial.durable(await trial.revoke());
    });

    holds("holds when the store is killed meanwhile, and comes back", async (trial) => {
      const revoking = trial.revoke();
      await aMoment();
      await server.kill();
      await trial.bob.other.deniedAfter(Date.now() + maxStaleness, "unavailable");
      await server.start();
      return trial.durable(await revoking);
    });

    holds("holds when the store stands still meanwhile, and goes on", async (trial) => {
      const revoking = trial.revoke();
      await aMoment();
      server.freeze();
      await trial.bob.other.deniedAfter(Date.now() + maxStaleness, "unavailable");
      server.thaw();
      return trial.durable(await revoking);
    });

    holds("holds when the node that revokes is killed meanwhile, and starts again", async (trial) => {
      const revoking = trial.revoke().catch(() => undefined);
      await aMoment();
      await trial.nodes.one.kill();
      const revoked = await revoking;
      const killedAt = Date.now();
      const isStored = await trial.isStored();
      trial.restarted(await start());
      // Told to nobody and kept nowhere: then it was not.
      if (revoked === undefined && !isStored) return undefined;
      await trial.bob.other.acceptedAfter(Date.now() + maxStaleness);
      return revoked?.settledAt ?? killedAt;
    });

    holds("holds when the node that revokes stands still meanwhile, and goes on", async (trial) => {
      const revoking = trial.revoke();
      await aMoment();
      trial.nodes.one.freeze();
      await trial.bob.other.acceptedAfter(Date.now() + 2 * maxStaleness);
      trial.nodes.one.thaw();
      return trial.durable(await revoking);
    });

    holds("holds for what reached a node that stood still meanwhile, when it goes on", async (trial) => {
      const revoking = trial.revoke();
      await aMoment();
      trial.nodes.other.freeze();
      const durableAt = await trial.durable(await revoking);
      await trial.bob.one.acceptedAfter(durableAt + 2 * maxStaleness);
      // What was sent to it meanwhile is denied, unless it comes to reading its store first.
      trial.nodes.other.thaw();
      await trial.bob.other.acceptedAfter(Date.now());
      return durableAt;
    });

    holds("holds on a node that starts late", async (trial) => {
      const [late, revoked] = await Promise.all([start(), aMoment().then(() => trial.revoke())]);
      trial.joins(late);
      return trial.durable(revoked);
    });

    holds("holds when the store comes back empty", async (trial) => {
      const durableAt = await trial.durable(await trial.revoke());
      await trial.bob.other.acceptedAfter(durableAt + maxStaleness);
      await place.lose(server);
      while (!await trial.isStored()) { /* until the nodes have given it back */ }
      trial.joins(await start());
      await trial.bob.other.acceptedAfter(Date.now() + maxStaleness);
      return durableAt;
    });

    holds("holds on a node that is cut off from the store, and hears no hint", async (trial) => {
      await Promise.all([trial.nodes.one.ask("loseHints"), trial.nodes.other.ask("cutOff", true)]);
      const durableAt = await trial.durable(await trial.revoke());
      await trial.bob.other.deniedAfter(durableAt + 2 * maxStaleness, "unavailable");
      await trial.nodes.other.ask("cutOff", false);
      return durableAt;
    });

    for (const [sentence, fault] of drawn([...faults], repeats > 1 ? faults.size : fewest, random)) {
      it(sentence, async () => {
        const tally: Tally = { trials: 0, revoked: 0, accepted: 0, heard: 0 };
        tallies.set(sentence, tally);
        for (let trial = 0; trial < repeats; trial += 1) await new Trial(nodes, connection.store.revocations!).run(fault, tally);
        expect(tally).to.deep.include({ trials: repeats, accepted: 0, heard: 0 });
      });
    }
  });
}

function print(kind: string, tallies: ReadonlyMap<string, Tally>): void {
  for (const [sentence, { trials, revoked, accepted, heard }] of tallies) {
    console.log(`  ${kind}: ${sentence}: trials ${trials}, revoked ${revoked}; after T + maxStaleness accepted: ${accepted}, broadcasts delivered: ${heard}`);
  }
}
