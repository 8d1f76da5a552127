/** socket.io-guard/sql: a store in a SQL database that the host opened. */
import type { Kysely } from "kysely";
import { GuardError } from "../guard-error.js";
import type { GuardStore } from "../store.js";
import type { ApiKeyTables } from "./api-key-table.js";
import { SqlApiKeys } from "./api-keys.js";
import { SqlRevocations } from "./revocations.js";
import type { GuardTables } from "./revocation-tables.js";

export type { GuardStore } from "../store.js";

/**
 * Keeps what the guard stores in a database: SQLite or libsql (a file of one node, or of several processes on one
 * machine), or Postgres (for all nodes). It makes its tables, whose names begin with `guard_`, where an unqualified name
 * leads, if they are not there. The database stays the host's: it opens and closes it. To empty the store, drop its
 * tables or truncate all of them.
 * @throws GuardError `store_invalid`
 */
export function sqlStore<Tables>(database: Kysely<Tables>): GuardStore {
  if (typeof (database as Partial<Kysely<Tables>> | undefined)?.withoutPlugins !== "function") {
    throw new GuardError("store_invalid", "sqlStore was not given a database of kysely's: give new Kysely({ dialect }).");
  }
  // A host's plugins may rename columns.
  const own = database.withoutPlugins() as unknown as Kysely<ApiKeyTables & GuardTables>;
  return Object.freeze({ revocations: new SqlRevocations(own), apiKeys: new SqlApiKeys(own) });
}
