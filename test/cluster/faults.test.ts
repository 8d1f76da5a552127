// Faults in the middle of a revocation, with real processes and real servers. Once maxStaleness has passed since the
// revocation was durable, no node accepts anything from the revoked user, and with `onStale: "silence"`, sends anything.
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { drawn, draws, randomFrom, seed } from "../support/draws.js";
import { eventually } from "../support/eventually.js";
import { needRedis } from "../support/redis.js";
import { engines, type Engine, type EngineServer } from "./support/engines.js";
import { ClusterNode } from "./support/node.js";
import type { StorePlace } from "./support/places.js";
import { secret } from "./support/tokens.js";
import { maxStaleness, Trial, type Fault, type Nodes, type Tally } from "./support/trial.js";

/** The number of trials of each fault, or TRIALS. `npm test` runs a random few of the faults once. */
const repeats = Number(process.env["TRIALS"] ?? draws(3));
const minFaults = 3;

for (const [kind, engine] of Object.entries(engines) as [StorePlace["kind"], Engine][]) {
  describe(`a revocation in ${kind}`, function () {
    // Beside other tests that start many processes, a trial takes far longer than alone. What it measures is not affected.
    this.timeout(60_000 + repeats * 60_000);
    const random = randomFrom(seed());
    const tallies = new Map<string, Tally>();
    const faults = new Map<string, Fault>();
    let server: EngineServer;
    let nodes: Nodes;
    let connection: Awaited<ReturnType<Engine["connect"]>>;

    before(async function () {
      if (kind === "redis") needRedis(this);
      server = await engine.open();
      connection = await engine.connect(server);
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
      const node = await ClusterNode.start({ secret, store: { kind, url }, adapter: { kind: engine.adapter, url }, maxStaleness });
      await node.ask("broadcast", 5);
      return node;
    }

    /** A random moment of the revocation that was just started: before it reaches the node, in the node, in the store, or after it. */
    async function randomMoment(): Promise<void> {
      await new Promise((resolve) => setTimeout(resolve, random() * 15));
    }

    const addFault = (sentence: string, fault: Fault) => void faults.set(sentence, fault);

    addFault("holds when nothing breaks", async (trial) => trial.durable(await trial.revoke()));

    addFault("holds when all notifications are lost", async (trial) => {
      await trial.nodes.one.ask("loseNotifications");
      return trial.durable(await trial.revoke());
    });

    addFault("holds when the store is killed during it and started again", async (trial) => {
      const revoking = trial.revoke();
      await randomMoment();
      await server.kill();
      await trial.bob.other.deniedAfter(Date.now() + maxStaleness, "unavailable");
      await server.start();
      return trial.durable(await revoking);
    });

    addFault("holds when the store hangs during it and continues", async (trial) => {
      const revoking = trial.revoke();
      await randomMoment();
      server.freeze();
      await trial.bob.other.deniedAfter(Date.now() + maxStaleness, "unavailable");
      server.thaw();
      return trial.durable(await revoking);
    });

    addFault("holds when the revoking node is killed during it and started again", async (trial) => {
      const revoking = trial.revoke().catch(() => undefined);
      await randomMoment();
      await trial.nodes.one.kill();
      const revoked = await revoking;
      const killedAt = Date.now();
      const isStored = await trial.isStored();
      trial.restarted(await start());
      // Neither stored nor confirmed to the caller: nothing was revoked.
      if (revoked === undefined && !isStored) return undefined;
      await trial.bob.other.acceptedAfter(Date.now() + maxStaleness);
      return revoked?.settledAt ?? killedAt;
    });

    addFault("holds when the revoking node hangs during it and continues", async (trial) => {
      const revoking = trial.revoke();
      await randomMoment();
      trial.nodes.one.freeze();
      await trial.bob.other.acceptedAfter(Date.now() + 2 * maxStaleness);
      trial.nodes.one.thaw();
      return trial.durable(await revoking);
    });

    addFault("holds for the events that reached a hanging node, when it continues", async (trial) => {
      const revoking = trial.revoke();
      await randomMoment();
      trial.nodes.other.freeze();
      const durableAt = await trial.durable(await revoking);
      await trial.bob.one.acceptedAfter(durableAt + 2 * maxStaleness);
      // The events that were sent to it meanwhile are denied, or ignored if it reads its store first.
      trial.nodes.other.thaw();
      await trial.bob.other.acceptedAfter(Date.now());
      return durableAt;
    });

    addFault("holds on a node that starts during it", async (trial) => {
      const [late, revoked] = await Promise.all([start(), randomMoment().then(() => trial.revoke())]);
      trial.joins(late);
      return trial.durable(revoked);
    });

    addFault("holds when the store loses its data", async (trial) => {
      const durableAt = await trial.durable(await trial.revoke());
      await trial.bob.other.acceptedAfter(durableAt + maxStaleness);
      await engine.lose(server);
      await eventually(() => trial.isStored(), "the nodes store the revocation again");
      trial.joins(await start());
      await trial.bob.other.acceptedAfter(Date.now() + maxStaleness);
      return durableAt;
    });

    addFault("holds on a node that cannot reach the store and receives no notification", async (trial) => {
      await Promise.all([trial.nodes.one.ask("loseNotifications"), trial.nodes.other.ask("cutOff", true)]);
      const durableAt = await trial.durable(await trial.revoke());
      await trial.bob.other.deniedAfter(durableAt + 2 * maxStaleness, "unavailable");
      await trial.nodes.other.ask("cutOff", false);
      return durableAt;
    });

    for (const [sentence, fault] of drawn([...faults], repeats > 1 ? faults.size : minFaults, random)) {
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
