// Runs a suite on each SQL database.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { Kysely, SqliteDialect } from "kysely";
import Libsql from "libsql";
import type { GuardTables } from "../../../lib/sql/tables.js";
import { connectPostgres, startPostgres } from "../../support/postgres.js";
import { temporaryFolder } from "../../support/real-server.js";

interface Place {
  /** One for each node. */
  readonly databases: readonly Kysely<GuardTables>[];
  /** Once the connections are closed. */
  readonly close: () => Promise<void>;
}

// One connection, as in a real process. SQLite blocks the thread, so that a second connection could wait for the first for ever.
async function inFile(): Promise<Place> {
  const folder = await temporaryFolder();
  const file = new Libsql(join(folder, "guard.db"));
  file.pragma("journal_mode = WAL");
  return { databases: [new Kysely({ dialect: new SqliteDialect({ database: file }) })], close: async () => rmSync(folder, { recursive: true, force: true }) };
}

async function inPostgres(): Promise<Place> {
  const server = await startPostgres();
  return { databases: Array.from({ length: 4 }, () => connectPostgres<GuardTables>(server)), close: () => server.close() };
}

/** The suite receives the connections of several nodes. They exist once its tests run. */
export function describeOnDatabases(title: string, suite: (databases: readonly Kysely<GuardTables>[], name: "a libsql file" | "Postgres") => void): void {
  for (const [name, open] of [["a libsql file", inFile], ["Postgres", inPostgres]] as const) {
    describe(`${title}, ${name}`, () => {
      const databases: Kysely<GuardTables>[] = [];
      let close: Place["close"];
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
