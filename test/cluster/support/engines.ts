// The real servers that tests of faults use: each is the store of the nodes and carries the messages between them.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { sql } from "kysely";
import type { GuardStore } from "../../../lib/index.js";
import { redisStore } from "../../../lib/redis/index.js";
import { sqlStore } from "../../../lib/sql/index.js";
import { connectPostgres, startPostgres } from "../../support/postgres.js";
import type { RealServer } from "../../support/real-server.js";
import { connectRedis, startRedis } from "../../support/redis.js";
import type { AdapterPlace, StorePlace } from "./places.js";

export type EngineServer = RealServer & { readonly url: string };

export interface Engine {
  readonly open: () => Promise<EngineServer>;
  /** The test's own connection to the store. */
  readonly connect: (server: EngineServer) => Promise<{ readonly store: GuardStore; readonly close: () => unknown }>;
  readonly adapter: AdapterPlace["kind"];
  /** Kills the server, and starts it again without its data. */
  readonly lose: (server: EngineServer) => Promise<void>;
}

export const engines: Record<StorePlace["kind"], Engine> = {
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
      // In the order in which a node locks them when it writes: in the other order, Postgres may find a deadlock.
      await sql`drop table guard_revocation_version, guard_revocations`.execute(database);
      await database.destroy();
    },
  },
};
