// Faults while a user has to leave a room, with real processes and real servers. Once maxStaleness has passed since the notice was
// durable, no node sends the user anything of the room, if it has `onStale: "silence"`.
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { drawn, draws, randomFrom, seed } from "../support/draws.js";
import { eventually } from "../support/eventually.js";
import { needRedis } from "../support/redis.js";
import { engines, type Engine, type EngineServer } from "./support/engines.js";
import { ClusterNode } from "./support/node.js";
import type { StorePlace } from "./support/places.js";
import { RoomTrial, type RoomFault, type RoomTally } from "./support/room-trial.js";
import { secret } from "./support/tokens.js";
import { maxStaleness, type Nodes } from "./support/trial.js";

/** The number of trials of each fault, or TRIALS. `npm test` runs a random few of the faults once. */
const repeats = Number(process.env["TRIALS"] ?? draws(3));
const minFaults = 2;

for (const [kind, engine] of Object.entries(engines) as [StorePlace["kind"], Engine][]) {
  describe(`a user who has to leave a room, with ${kind}`, function () {
    this.timeout(60_000 + repeats * 10_000);
    const random = randomFrom(seed());
    const tallies = new Map<string, RoomTally>();
    const faults = new Map<string, RoomFault>();
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
      for (const [sentence, { trials, ordered, heard }] of tallies) {
        console.log(`  ${kind}: ${sentence}: trials ${trials}, durable ${ordered}; events of the room after T + maxStaleness: ${heard}`);
      }
      await Promise.all([nodes?.one.kill(), nodes?.other.kill()]);
      await connection?.close();
      await server?.close();
    });

    async function start(): Promise<ClusterNode> {
      const { url } = server;
      const node = await ClusterNode.start({ secret, store: { kind, url }, adapter: { kind: engine.adapter, url }, maxStaleness });
      await node.ask("emitToRooms", 10);
      return node;
    }

    /** A random moment of the order that was just given: before it reaches the node, in the node, in the store, or after it. */
    async function randomMoment(): Promise<void> {
      await new Promise((resolve) => setTimeout(resolve, random() * 15));
    }

    async function isStale(node: ClusterNode): Promise<void> {
      await eventually(async () => !await node.ask("isReady"), "the node is stale");
    }

    const addFault = (sentence: string, fault: RoomFault) => void faults.set(sentence, fault);

    addFault("leaves when nothing breaks", async (trial) => trial.durable(await trial.order()));

    addFault("leaves when all notifications are lost", async (trial) => {
      await trial.nodes.one.ask("loseNotifications");
      return trial.durable(await trial.order());
    });

    addFault("leaves when the store is killed during it and started again", async (trial) => {
      const ordering = trial.order();
      await randomMoment();
      await server.kill();
      await isStale(trial.nodes.other);
      await server.start();
      return trial.durable(await ordering);
    });

    addFault("leaves when the store hangs during it and continues", async (trial) => {
      const ordering = trial.order();
      await randomMoment();
      server.freeze();
      await isStale(trial.nodes.other);
      server.thaw();
      return trial.durable(await ordering);
    });

    addFault("leaves when the ordering node is killed during it", async (trial) => {
      const ordering = trial.order().catch(() => undefined);
      await randomMoment();
      await trial.nodes.one.kill();
      const ordered = await ordering;
      const killedAt = Date.now();
      const isStored = await trial.isStored();
      trial.restarted(await start());
      // Neither stored nor confirmed to the caller: nothing was ordered.
      if (ordered === undefined && !isStored) return undefined;
      return ordered?.settledAt ?? killedAt;
    });

    addFault("leaves when the other node hangs, in spite of the events that reached it meanwhile", async (trial) => {
      const ordering = trial.order();
      await randomMoment();
      trial.nodes.other.freeze();
      const durableAt = await trial.durable(await ordering);
      await trial.bob.one.heardAfter(durableAt + 2 * maxStaleness);
      trial.nodes.other.thaw();
      return durableAt;
    });

    addFault("leaves when the store loses its data at once, and no notification arrives", async (trial) => {
      await trial.nodes.one.ask("loseNotifications");
      await trial.durable(await trial.order());
      await engine.lose(server);
      await eventually(() => trial.isStored(), "a node stores the notice again");
      return Date.now();
    });

    addFault("leaves on a node that cannot reach the store and receives no notification, when it can again", async (trial) => {
      await Promise.all([trial.nodes.one.ask("loseNotifications"), trial.nodes.other.ask("cutOff", true)]);
      const durableAt = await trial.durable(await trial.order());
      await isStale(trial.nodes.other);
      await trial.bob.one.heardAfter(durableAt + 2 * maxStaleness);
      await trial.nodes.other.ask("cutOff", false);
      return durableAt;
    });

    for (const [sentence, fault] of drawn([...faults], repeats > 1 ? faults.size : minFaults, random)) {
      it(sentence, async () => {
        const tally: RoomTally = { trials: 0, ordered: 0, heard: 0 };
        tallies.set(sentence, tally);
        for (let trial = 0; trial < repeats; trial += 1) {
          await new RoomTrial(nodes, connection.store.revocations!, random() < 0.5 ? "evict" : "userChanged").run(fault, tally);
        }
        expect(tally).to.deep.include({ trials: repeats, heard: 0 });
      });
    }
  });
}
