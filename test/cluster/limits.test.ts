// Limits that three nodes count in one store, while real servers are killed and frozen.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { LimitKey } from "../../lib/limits/limit-key.js";
import { readRate } from "../../lib/limits/rate.js";
import { SharedLimits } from "../../lib/limits/shared-limits.js";
import { redisLimits } from "../../lib/redis/index.js";
import { sqlLimits } from "../../lib/sql/index.js";
import { drawn, draws, randomFrom, seed } from "../support/draws.js";
import { eventually } from "../support/eventually.js";
import { mostWithin, type TakenPlace } from "../support/limit-store.js";
import { pause } from "../support/pause.js";
import { connectPostgres, startPostgres } from "../support/postgres.js";
import type { RealServer } from "../support/real-server.js";
import { connectRedis, needRedis, startRedis } from "../support/redis.js";

const nodes = 3;
const rate = readRate("12/300ms", "limit");
const share = 4;
const window = { name: "user", key: new LimitKey("alice"), rate };

type Fault = (server: RealServer) => Promise<void>;

const faults: Record<string, Fault> = {
  "is killed, and started again": async (server) => {
    await server.kill();
    await pause(700);
    await server.start();
  },
  "hangs, and continues": async (server) => {
    server.freeze();
    await pause(700);
    server.thaw();
  },
};

const withoutItsData: Fault = async (server) => {
  await server.kill();
  rmSync(join(server.folder, "appendonlydir"), { recursive: true, force: true });
  await server.start();
};

const engines = {
  redis: {
    open: () => startRedis(["--appendonly", "yes"]),
    connect: async (server: Awaited<ReturnType<typeof startRedis>>) => {
      const client = await connectRedis(server);
      return { store: redisLimits(client), close: () => client.destroy() };
    },
    faults: { ...faults, "is killed, and started again without its data": withoutItsData },
  },
  postgres: {
    open: startPostgres,
    connect: async (server: Awaited<ReturnType<typeof startPostgres>>) => {
      const database = connectPostgres<object>(server);
      return { store: sqlLimits(database), close: () => database.destroy() };
    },
    faults,
  },
};

class Node {
  readonly limits: SharedLimits;
  readonly passed: TakenPlace[] = [];
  readonly told: string[] = [];
  #isStopped = false;
  readonly #hammering: Promise<void>;

  constructor(store: ConstructorParameters<typeof SharedLimits>[0]["store"]) {
    this.limits = new SharedLimits({ store, onError: () => this.told.push("down"), onRecovered: () => this.told.push("up") });
    this.#hammering = this.#hammer();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#hammering;
    this.limits.stop();
  }

  async #hammer(): Promise<void> {
    await pause(100);
    while (!this.#isStopped) {
      const from = performance.now();
      const { wait } = await this.limits.take([window]);
      if (wait === 0) this.passed.push({ from, to: performance.now() });
      else await pause(Math.min(wait, 5));
    }
  }
}

for (const [kind, { open, connect, faults: all }] of Object.entries(engines)) {
  describe(`limits that nodes share in ${kind}`, () => {
    let server: RealServer;
    let connections: { readonly store: ConstructorParameters<typeof SharedLimits>[0]["store"]; close(): unknown }[];

    before(async function () {
      if (kind === "redis") needRedis(this);
      server = await open();
      connections = await Promise.all(Array.from({ length: nodes }, () => connect(server as never)));
      // The nodes know each other from the start.
      for (const { store } of connections) for (const name of ["one", "two", "three"]) await store.announce(name);
    });
    after(async () => {
      for (const connection of connections ?? []) await connection.close();
      await server?.close();
    });

    for (const [sentence, fault] of drawn(Object.entries(all), draws(100), randomFrom(seed()))) {
      it(`are held to the count and a share of each node if the store ${sentence}`, async () => {
        const started = connections.map(({ store }) => new Node(store));
        const all = () => started.flatMap(({ passed }) => passed);
        await eventually(() => all().length >= 3 * rate.count, "three windows are full");
        const before = all();
        const told = () => started.map((node) => node.told.join()).join(" ");
        // On a busy machine, the store may seem to be down before it is.
        const most = started.some((node) => node.told.length > 0) ? rate.count + nodes * share : rate.count;
        expect(mostWithin(before, rate.window)).to.be.within(1, most);

        await fault(server);
        let toldBefore: string;
        // On a busy machine, the store may seem to be down once more.
        do {
          await eventually(() => started.every((node) => node.told.at(-1) !== "down"), "all nodes have recovered");
          toldBefore = told();
          await pause(3 * rate.window);
        } while (told() !== toldBefore);
        const recoveredAt = performance.now();
        await eventually(() => all().filter(({ from }) => from > recoveredAt).length >= 2 * rate.count, "places are given again");
        await Promise.all(started.map((node) => node.stop()));

        expect(mostWithin(all(), rate.window)).to.be.at.most(rate.count + nodes * share);
        if (told() === toldBefore) expect(mostWithin(all().filter(({ from }) => from > recoveredAt), rate.window)).to.be.within(1, rate.count);
        if (sentence in faults) for (const node of started) expect(node.told).to.include("down");
        for (const node of started) expect(node.told.join()).to.match(/^(down,up,)*(down(,up)?)?$/);
      });
    }
  });
}
