// Deletes keys that ended long ago with the statements of docs/api-keys.md, while servers use the stores.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Kysely, sql, SqliteDialect } from "kysely";
import Libsql from "libsql";
import { apiKey, apiKeys, signedIn, type Denial, type GuardStore } from "../../../lib/index.js";
import { redisStore } from "../../../lib/redis/index.js";
import { sqlStore } from "../../../lib/sql/index.js";
import { asOf } from "../../support/clock.js";
import { connectPostgres, startPostgres } from "../../support/postgres.js";
import { temporaryFolder } from "../../support/real-server.js";
import { connectRedis, needRedis, startRedis } from "../../support/redis.js";
import { closeEverything, event, serve } from "../../support/server.js";
import { answer } from "./support.js";

const day = 86_400_000;
const docs = readFileSync(new URL("../../../docs/api-keys.md", import.meta.url), "utf8");

interface Engine {
  /** A store object of one more process. */
  node(): GuardStore;
  /** Runs the statement of the documentation. For Redis, it names the ids to delete. */
  forget(ended: readonly string[]): Promise<unknown>;
  close(): Promise<unknown>;
}

const statement = (engine: string): string => new RegExp(`^-- ${engine}.*\n(DELETE FROM [^;]+);$`, "m").exec(docs)![1]!;

async function inFile(): Promise<Engine> {
  const folder = await temporaryFolder();
  const database = new Kysely<object>({ dialect: new SqliteDialect({ database: new Libsql(join(folder, "guard.db")) }) });
  return {
    node: () => sqlStore(database),
    forget: () => sql.raw(statement("SQLite")).execute(database),
    close: async () => { await database.destroy(); rmSync(folder, { recursive: true, force: true }); },
  };
}

async function inPostgres(): Promise<Engine> {
  const server = await startPostgres();
  const database = connectPostgres<object>(server);
  return {
    node: () => sqlStore(database),
    forget: () => sql.raw(statement("Postgres")).execute(database),
    close: async () => { await database.destroy(); await server.close(); },
  };
}

async function inRedis(): Promise<Engine> {
  const server = await startRedis();
  const client = await connectRedis(server);
  const hash = /`HDEL (\S+) /.exec(docs)![1]!;
  return {
    node: () => redisStore(client),
    forget: async (ended) => { for (const name of [hash, `${hash}:used`]) await client.hDel(name, [...ended]); },
    close: async () => { client.destroy(); await server.close(); },
  };
}

async function revokeLongAgo(store: GuardStore, id: string): Promise<void> {
  const keys = store.apiKeys!;
  const [record] = await keys.find([id]);
  await keys.replace({ ...record!, revokedAt: Date.now() - 100 * day, revision: record!.revision + 1 });
}

for (const [name, open] of [["a libsql file", inFile], ["Postgres", inPostgres], ["Redis", inRedis]] as const) {
  describe(`API keys that are deleted from ${name}`, function () {
    this.timeout(90_000);
    let engine: Engine;
    before(async function () {
      if (open === inRedis) needRedis(this);
      engine = await open();
    });
    after(async () => {
      await closeEverything();
      await engine?.close();
    });

    it("are unknown from then on, and no node restores them; other keys stay", async () => {
      const store = engine.node();
      const now = apiKeys(store);
      const ago = <Result>(days: number, run: () => Result) => asOf(Date.now() - days * day, run);
      const made = (days: number, more: object = {}) => ago(days, () => now.create({ name: "a bot", subject: "bot", ...more }));
      const [open, later, revoked, lately, expired] = await Promise.all([
        made(200), made(200, { expiresAt: Date.now() + day }), made(200, { expiresAt: Date.now() + day }), made(200), made(200, { expiresAt: Date.now() - 100 * day }),
      ]);
      await revokeLongAgo(store, revoked.id);
      await now.revoke({ id: lately.id });
      // Another process that has read none of the keys.
      const other = engine.node();
      const authenticator = apiKey({ store: other, maxStaleness: 1 });
      expect(await answer(authenticator, revoked.key)).to.equal("credential_revoked");

      await engine.forget([revoked.id, expired.id]);
      expect((await now.list()).map(({ id }) => id)).to.have.members([open.id, later.id, lately.id]);
      expect(await Promise.all([open, later, revoked, lately, expired].map(({ key }) => answer(authenticator, key)))).to.deep.equal(["in", "in", "credential_invalid", "credential_revoked", "credential_invalid"]);
      await other.apiKeys!.used([revoked.id], Date.now());
      for (const change of [() => now.revoke({ id: revoked.id }), () => now.rotate({ id: revoked.id, grace: 0 })]) {
        expect(await change().then(() => undefined, (error: { code: string }) => error.code)).to.equal("api_key_unknown");
      }
      expect(await now.list()).to.have.length(3);
    });

    it("end their sessions on a node that has not read their revocation, and no other session", async () => {
      const store = engine.node();
      const [gone, stays] = await Promise.all(["gone", "stays"].map((subject) => apiKeys(store).create({ name: "a bot", subject })));
      // It is told of no changes. The revocation and the deletion come between two of its reads.
      const served = await serve({ authenticate: apiKey({ store: engine.node(), maxStaleness: "4s" }) as never, events: { message: signedIn } });
      served.io.on("connection", (socket) => socket.on("message", (ack: () => void) => ack()));
      const [ended, other] = [await served.member("/", { auth: { apiKey: gone!.key } }), await served.member("/", { auth: { apiKey: stays!.key } })];
      const bye = event<Denial>(ended.client, "guard:bye");
      await revokeLongAgo(store, gone!.id);
      await engine.forget([gone!.id]);
      expect((await bye).code).to.equal("credential_invalid");
      await other.client.emitWithAck("message");
      expect(other.client.connected).to.equal(true);
    });
  });
}
