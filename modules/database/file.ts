/** The chat's database in a file. It survives a crash at any time, and a damaged file is never overwritten. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Kysely, sql, SqliteDialect } from "kysely";
import Libsql from "libsql";
import { StartError, systemCode } from "../start-error.js";
import type { OpenDatabase } from "./database.js";
import { createTables, type Tables } from "./tables.js";

/** The version of the tables, stored as the file's `user_version`. */
const schemaVersion = 1;

export async function openFile(folder: string): Promise<OpenDatabase> {
  const path = join(folder, "chat.db");
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StartError(`The data folder ${folder} cannot be created${systemCode(error)}. Check DATA_DIR and its permissions.`);
  }
  const file = open(path);
  const database = new Kysely<Tables>({ dialect: new SqliteDialect({ database: file }) });
  try {
    await database.transaction().execute(async (transaction) => {
      await createTables(transaction, "libsql");
      await sql.raw(`PRAGMA user_version = ${schemaVersion}`).execute(transaction);
    });
  } catch (error) {
    file.close();
    throw unusable(path, error);
  }
  return { database, pool: undefined, close: () => close(database) };
}

/** Writes the journal into the file, so that copying the file copies everything, and closes it. */
async function close(database: Kysely<Tables>): Promise<void> {
  await sql`PRAGMA wal_checkpoint(TRUNCATE)`.execute(database);
  await database.destroy();
}

function open(path: string): Libsql.Database {
  let file: Libsql.Database | undefined;
  try {
    file = new Libsql(path, { timeout: 5_000 });
    check(file, path);
    file.pragma("journal_mode = WAL");
    // Every commit is on the disk before the promise resolves, so that neither a crash nor a power cut can undo it.
    file.exec("PRAGMA synchronous = FULL");
    file.exec("PRAGMA foreign_keys = ON");
    return file;
  } catch (error) {
    file?.close();
    throw error instanceof StartError ? error : unusable(path, error);
  }
}

/** Checks the file before anything is written. If an API key was created first, the file only has the guard's own tables and no version. */
function check(file: Libsql.Database, path: string): void {
  const found = pragma(file, "user_version");
  const isNew = found === 0 && file.prepare("SELECT name FROM sqlite_master WHERE tbl_name NOT GLOB 'guard_*' LIMIT 1").all([]).length === 0;
  if (found !== schemaVersion && !isNew) throw new StartError(`The database ${path} belongs to another version of the chat or to another program. Set DATA_DIR to another folder.`);
  if (pragma(file, "quick_check(1)") !== "ok") throw unusable(path);
}

/** libsql does not support the `simple` option of `pragma`. */
function pragma(file: Libsql.Database, name: string): unknown {
  const [row] = file.pragma(name) as Record<string, unknown>[];
  return Object.values(row ?? {})[0];
}

function unusable(path: string, error?: unknown): StartError {
  return new StartError(`The database ${path} cannot be opened or is damaged${systemCode(error)}. It was not changed. Restore a copy, or move it away to start with an empty chat.`);
}
