/** socket.io-guard/sql: a store in a SQL database. */
import type { Kysely } from "kysely";
import { GuardError } from "../guard-error.js";
import type { GuardStore } from "../store.js";
import { SqlApiKeys } from "./api-keys.js";
import { SqlRevocations } from "./revocations.js";
import type { GuardTables } from "./tables.js";

export type { GuardStore } from "../store.js";

/**
 * Keeps revocations and API keys in a database: SQLite or libsql (for the processes of one machine), or Postgres (for any number
 * of nodes). You open and close the database. The store creates its tables, whose names begin with `guard_`, in the default schema
 * if they do not exist. To empty the store, drop all of them or truncate all of them.
 * @throws GuardError `store_invalid`
 */
export function sqlStore<Tables>(database: Kysely<Tables>): GuardStore {
  if (typeof (database as Partial<Kysely<Tables>> | undefined)?.withoutPlugins !== "function") {
    throw new GuardError("store_invalid", "sqlStore(database) needs a Kysely database: new Kysely({ dialect }).");
  }
  // Plugins of the host may rename columns.
  const own = database.withoutPlugins() as unknown as Kysely<GuardTables>;
  return Object.freeze({ revocations: new SqlRevocations(own), apiKeys: new SqlApiKeys(own) });
}
