/** The chat's embedded database: one file that survives a kill at any instant, and is never written over when it is broken. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Kysely, SqliteDialect } from "kysely";
import Libsql from "libsql";
import { StartError, systemCode } from "../start-error.js";
import { makeTables, type Tables } from "./tables.js";

export type Database = Kysely<Tables>;

/** The layout that this version of the chat reads and writes; kept in the file's `user_version`. */
const layout = 1;

export async function openDatabase(folder: string): Promise<Database> {
  const path = join(folder, "chat.db");
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StartError(`The data folder ${folder} cannot be made${systemCode(error)}: check DATA_DIR and its permissions.`);
  }
  const file = openFile(path);
  const database = new Kysely<Tables>({ dialect: new SqliteDialect({ database: file }) });
  try {
    await makeTables(database);
    file.exec(`PRAGMA user_version = ${layout}`);
  } catch (error) {
    file.close();
    throw unusable(path, error);
  }
  return database;
}

function openFile(path: string): Libsql.Database {
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

/** Reads before anything is written. */
function examine(file: Libsql.Database, path: string): void {
  const found = file.pragma("user_version", { simple: true });
  if (found !== 0 && found !== layout) throw new StartError(`The database ${path} was written by another version of the chat: set DATA_DIR to another folder.`);
  if (file.pragma("quick_check(1)", { simple: true }) !== "ok") throw unusable(path);
}

function unusable(path: string, error?: unknown): StartError {
  return new StartError(`The database ${path} cannot be opened or is damaged${systemCode(error)}; it was left as it is: put back a copy, or move it away to begin with an empty chat.`);
}
