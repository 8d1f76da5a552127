/** The chat's embedded database: one file that survives a kill at any instant, and is never written over when it is broken. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Kysely, sql, SqliteDialect } from "kysely";
import Libsql from "libsql";
import { StartError, systemCode } from "../start-error.js";
import type { OpenDatabase } from "./database.js";
import { makeTables, type Tables } from "./tables.js";

/** The layout that this version of the chat reads and writes; kept in the file's `user_version`. */
const layout = 1;

export async function openFile(folder: string): Promise<OpenDatabase> {
  const path = join(folder, "chat.db");
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StartError(`The data folder ${folder} cannot be made${systemCode(error)}: check DATA_DIR and its permissions.`);
  }
  const file = open(path);
  const database = new Kysely<Tables>({ dialect: new SqliteDialect({ database: file }) });
  try {
    await database.transaction().execute(async (whole) => {
      await makeTables(whole, "libsql");
      await sql.raw(`PRAGMA user_version = ${layout}`).execute(whole);
    });
  } catch (error) {
    file.close();
    throw unusable(path, error);
  }
  return { database, pool: undefined, close: () => close(database) };
}

/** Brings everything into the one file, so that a copy of it is a whole copy, and closes it. */
async function close(database: Kysely<Tables>): Promise<void> {
  await sql`PRAGMA wal_checkpoint(TRUNCATE)`.execute(database);
  await database.destroy();
}

function open(path: string): Libsql.Database {
  let file: Libsql.Database | undefined;
  try {
    file = new Libsql(path, { timeout: 5_000 });
    examine(file, path);
    file.pragma("journal_mode = WAL");
    // A commit is on the disk before it is answered: neither a kill nor a power cut takes it back.
    file.exec("PRAGMA synchronous = FULL");
    file.exec("PRAGMA foreign_keys = ON");
    return file;
  } catch (error) {
    file?.close();
    throw error instanceof StartError ? error : unusable(path, error);
  }
}

/** Reads before anything is written. Whoever made an API key first has made the guard's own tables, and no layout. */
function examine(file: Libsql.Database, path: string): void {
  const found = pragma(file, "user_version");
  const isNew = found === 0 && file.prepare("SELECT name FROM sqlite_master WHERE tbl_name NOT GLOB 'guard_*' LIMIT 1").all([]).length === 0;
  if (found !== layout && !isNew) throw new StartError(`The database ${path} belongs to another version of the chat or another program: set DATA_DIR to another folder.`);
  if (pragma(file, "quick_check(1)") !== "ok") throw unusable(path);
}

/** libsql does not know pragma's `simple` option. */
function pragma(file: Libsql.Database, name: string): unknown {
  const [row] = file.pragma(name) as Record<string, unknown>[];
  return Object.values(row ?? {})[0];
}

function unusable(path: string, error?: unknown): StartError {
  return new StartError(`The database ${path} cannot be opened or is damaged${systemCode(error)}, and was left as it was: put back a copy, or move it away to begin with an empty chat.`);
}
