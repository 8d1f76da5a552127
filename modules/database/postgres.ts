/** The chat's database on Postgres, which several nodes can share. */
import { setTimeout as after } from "node:timers/promises";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { reason } from "../reason.js";
import { StartError, systemCode } from "../start-error.js";
import type { OpenDatabase } from "./database.js";
import { createTables, type Tables } from "./tables.js";

/** The advisory lock that nodes take while they create the tables. Any number that nothing else uses. */
const tablesLock = 7_102_027;

const connectTimeout = 5_000;
const closeTimeout = 2_000;

export async function openPostgres(url: string): Promise<OpenDatabase> {
  const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: connectTimeout, types });
  // Without these listeners, a lost connection would end the process. The first is for idle connections; for those in use the query fails.
  pool.on("error", (error) => console.error("A connection to Postgres was lost:", reason(error)));
  pool.on("connect", (client) => client.on("error", () => undefined));
  const database = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    await database.transaction().execute(async (transaction) => {
      await sql`SELECT pg_advisory_xact_lock(${tablesLock})`.execute(transaction);
      await createTables(transaction, "postgres");
    });
  } catch (error) {
    await database.destroy();
    throw new StartError(`The Postgres of DATABASE_URL, ${placeOf(url)}, cannot be used${systemCode(error)}. Check that it runs, and check the user, password and database in DATABASE_URL.`);
  }
  // Socket.IO's adapter may hold a connection that it never returns.
  return { database, pool, close: () => Promise.race([database.destroy(), after(closeTimeout, undefined, { ref: false })]) };
}

/** Reads bigints as numbers, as the file does. pg would return text. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, Number);

/** The address without the password. */
function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return host + pathname;
}
