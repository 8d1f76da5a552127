// Nodes that send and deliver webhooks are killed at any instant: `npm run test:long` kills 200, `npm test` two for each store.
import { expect } from "chai";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { webhooks } from "../../../lib/webhooks/index.js";
import { draws, randomFrom, seed } from "../../support/draws.js";
import { startPostgres } from "../../support/postgres.js";
import { execArgv, program } from "../../support/programs.js";
import { temporaryFolder } from "../../support/real-server.js";
import { needRedis, startRedis } from "../../support/redis.js";
import { closeEverything, closeLater } from "../../support/server.js";
import { createWalFile } from "../../support/wal-file.js";
import { openQueue, type StoreName } from "./open-queue.js";
import { ok, receiver, retryAtOnce, secret } from "./support.js";

afterEach(closeEverything);

const kills = Math.max(2, Math.ceil(draws(200) / 3));

for (const name of ["libsql", "Postgres", "Redis"] satisfies StoreName[]) {
  describe(`Webhooks in ${name}`, () => {
    it(`lose no event, keep ids and keep the order of each subject when ${kills} nodes are killed`, async function () {
      this.timeout(60_000 + 5_000 * kills);
      if (name === "Redis") needRedis(this);
      const random = randomFrom(seed() + name.length);
      retryAtOnce();
      const store = await startStore(name);
      closeLater(store.close);

      const accepted: { readonly id: string; readonly raw: string }[] = [];
      const to = await receiver((response, { id, raw }) => {
        const fate = random();
        if (fate < 0.03) response.writeHead(500).end();
        else if (fate < 0.06) response.socket!.destroy();
        else {
          accepted.push({ id, raw });
          // The answer may be lost with the node that waits for it.
          if (fate < 0.2) setTimeout(() => ok(response), 30 * random());
          else ok(response);
        }
      });

      const confirmed = new Set<string>();
      let started = 0;
      const startNode = async (): Promise<ChildProcess> => {
        const node = fork(program("test/lib/webhooks/sending-node.ts"), [name, store.address, to.url, secret, String(started += 1)], { execArgv: [...execArgv] });
        closeLater(() => node.kill("SIGKILL"));
        node.on("message", (message: { id?: string }) => { if (message.id !== undefined) confirmed.add(message.id); });
        await Promise.race([once(node, "message"), once(node, "exit").then(([code]) => Promise.reject(new Error(`A node ended by itself, with exit code ${code}.`)))]);
        return node;
      };

      // Two nodes share the queue. One of them is killed and replaced.
      const nodes = await Promise.all([startNode(), startNode()]);
      for (let kill = 0; kill < kills; kill += 1) {
        await new Promise((resolve) => void setTimeout(resolve, random() * 300));
        const place = kill % 2;
        await killed(nodes[place]!);
        nodes[place] = await startNode();
      }
      await Promise.all(nodes.map(killed));

      const { queue, close } = await openQueue(name, store.address);
      closeLater(close);
      const last = webhooks({ endpoints: [{ url: to.url, secrets: secret, events: "all", name: "one" }], store: queue, allowPrivate: true, timeout: 300, onError: () => undefined });
      closeLater(() => last.close());
      // Thousands of events may be left: the timeout of the test is the only one.
      while ((await last.stats()).backlog > 0) await new Promise((resolve) => void setTimeout(resolve, 50));

      const bodies = new Map<string, string>();
      for (const { id, raw } of accepted) {
        expect(bodies.get(id) ?? raw, `the body of ${id}`).to.equal(raw);
        bodies.set(id, raw);
      }
      const lost = [...confirmed].filter((id) => !bodies.has(id));
      console.log(`      ${name}: ${kills} kills, ${confirmed.size} events, ${lost.length} lost, ${accepted.length - bodies.size} duplicates`);
      expect(lost).to.deep.equal([]);
      expect(confirmed.size).to.be.greaterThan(kills);
      expect((await last.stats()).dead).to.equal(0);

      // A Map keeps the order of the first deliveries.
      const latest = new Map<string, number>();
      for (const raw of bodies.values()) {
        const { data: { sender, subject, number } } = JSON.parse(raw) as { data: { sender: string; subject: string; number: number } };
        expect(number, `${subject} of node ${sender}`).to.be.greaterThan(latest.get(`${sender} ${subject}`) ?? -1);
        latest.set(`${sender} ${subject}`, number);
      }
    });
  });
}

/** Starts a store. `address` says where it is. */
async function startStore(name: StoreName): Promise<{ address: string; close: () => unknown }> {
  if (name === "libsql") {
    const folder = await temporaryFolder();
    const address = join(folder, "hooks.db");
    createWalFile(address);
    return { address, close: () => rmSync(folder, { recursive: true, force: true }) };
  }
  const server = await (name === "Postgres" ? startPostgres() : startRedis());
  return { address: server.url, close: () => server.close() };
}

async function killed(node: ChildProcess): Promise<void> {
  const ended = once(node, "exit");
  node.kill("SIGKILL");
  await ended;
}
