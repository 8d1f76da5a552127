/** The chat's database on a Postgres, which several nodes may share. */
import { setTimeout as after } from "node:timers/promises";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { reason } from "../reason.js";
import { StartError, systemCode } from "../start-error.js";
import type { OpenDatabase } from "./database.js";
import { makeTables, type Tables } from "./tables.js";

/** Nodes that start at the same time make the tables one after the other. Any number that nobody else locks. */
const makingTables = 7_102_027;

const patience = 5_000;
const closingPatience = 2_000;

export async function openPostgres(url: string): Promise<OpenDatabase> {
  const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: patience, types });
  // Without these listeners, a connection that is lost ends the process: idle, and in use, where its query fails.
  pool.on("error", (error) => console.error("A connection to Postgres was lost:", reason(error)));
  pool.on("connect", (client) => client.on("error", () => undefined));
  const database = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    await database.transaction().execute(async (whole) => {
      await sql`SELECT pg_advisory_xact_lock(${makingTables})`.execute(whole);
      await makeTables(whole, "postgres");
    });
  } catch (error) {
    await database.destroy();
    throw new StartError(`The Postgres that DATABASE_URL names, ${placeOf(url)}, cannot be used${systemCode(error)}: check that it runs, and the user, password and database in DATABASE_URL.`);
  }
  // Socket.IO's adapter may hold a connection that it never gives back.
  return { database, pool, close: () => Promise.race([database.destroy(), after(closingPatience, undefined, { ref: false })]) };
}

/** Times and counts are numbers, as from the file: pg itself would answer a bigint as text. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, Number);

/** Without the password. */
function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return host + pathname;
}
