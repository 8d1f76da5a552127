/** The chat's database: Postgres, or a file. The same queries run on both. */
import type { Kysely } from "kysely";
import type { Pool } from "pg";
import type { Settings } from "../settings/settings.js";
import type { Tables } from "./tables.js";

export type Database = Kysely<Tables>;

export interface OpenDatabase {
  readonly database: Database;
  /** The connection pool of Postgres; undefined for a file. */
  readonly pool: Pool | undefined;
  readonly close: () => Promise<void>;
}

/** Loads only the driver that it needs. */
export async function openDatabase({ databaseUrl, dataFolder }: Pick<Settings, "databaseUrl" | "dataFolder">): Promise<OpenDatabase> {
  if (databaseUrl !== undefined) return (await import("./postgres.js")).openPostgres(databaseUrl);
  return (await import("./file.js")).openFile(dataFolder);
}
