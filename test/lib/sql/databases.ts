// Runs a suite on each SQL database.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { Kysely, SqliteDialect } from "kysely";
import Libsql from "libsql";
import { connectPostgres, startPostgres } from "../../support/postgres.js";
import { temporaryFolder } from "../../support/real-server.js";

interface Place<Tables> {
  /** One for each node. */
  readonly databases: readonly Kysely<Tables>[];
  /** Once the connections are closed. */
  readonly close: () => Promise<void>;
}

// One connection, as in a real process. SQLite blocks the thread, so that a second connection could wait for the first for ever.
async function inFile<Tables>(): Promise<Place<Tables>> {
  const folder = await temporaryFolder();
  const file = new Libsql(join(folder, "guard.db"));
  file.pragma("journal_mode = WAL");
  return { databases: [new Kysely({ dialect: new SqliteDialect({ database: file }) })], close: async () => rmSync(folder, { recursive: true, force: true }) };
}

async function inPostgres<Tables>(): Promise<Place<Tables>> {
  const server = await startPostgres();
  return { databases: Array.from({ length: 4 }, () => connectPostgres<Tables>(server)), close: () => server.close() };
}

/** The suite receives the connections of several nodes. They exist once its tests run. */
export function describeOnDatabases<Tables>(title: string, suite: (databases: readonly Kysely<Tables>[], name: "a libsql file" | "Postgres") => void): void {
  for (const [name, open] of [["a libsql file", inFile<Tables>], ["Postgres", inPostgres<Tables>]] as const) {
    describe(`${title}, ${name}`, function () {
      this.timeout(30_000);
      const databases: Kysely<Tables>[] = [];
      let close: Place<Tables>["close"];
      before(async () => {
        const place = await open();
        databases.push(...place.databases);
        close = place.close;
      });
      after(async () => {
        for (const database of databases) await database.destroy();
        await close?.();
      });

      suite(databases, name);
    });
  }
}
