/** socket.io-guard/sql: stores in a SQL database. */
import type { Kysely } from "kysely";
import type { AuditStore } from "../audit/record.js";
import { GuardError } from "../guard-error.js";
import type { LimitStore } from "../limits/limit-store.js";
import type { GuardStore } from "../store.js";
import type { WebhookQueue } from "../webhooks/queue.js";
import { SqlApiKeys } from "./api-keys.js";
import { SqlAudit } from "./audit.js";
import { SqlLimits } from "./limits.js";
import { SqlRevocations } from "./revocations.js";
import type { GuardTables } from "./tables.js";
import type { WebhookTables } from "./webhook-tables.js";
import { SqlWebhooks } from "./webhooks.js";

export type { AuditStore } from "../audit/record.js";
export type { LimitStore, StoredWindow } from "../limits/limit-store.js";
export type { GuardStore } from "../store.js";
export type { WebhookQueue } from "../webhooks/queue.js";

/**
 * Keeps revocations and API keys in a database: SQLite or libsql (for the processes of one machine), or Postgres (for any number
 * of nodes). You open and close the database. The store creates its tables, whose names begin with `guard_`, in the default schema
 * if they do not exist. To empty the store, drop all of them or truncate all of them.
 * @throws GuardError `store_invalid`
 */
export function sqlStore<Tables>(database: Kysely<Tables>): GuardStore {
  const own = ownTablesOf<Tables, GuardTables>(database, "sqlStore");
  return Object.freeze({ revocations: new SqlRevocations(own), apiKeys: new SqlApiKeys(own) });
}

/**
 * A sink that keeps the audit log in a database: SQLite or libsql, or Postgres. It creates its table `guard_audit` if it does not exist.
 * Rows stay until you delete them, for example those whose `time` (epoch milliseconds) is long ago.
 * @throws GuardError `store_invalid`
 */
export function sqlAudit<Tables>(database: Kysely<Tables>): AuditStore {
  return new SqlAudit(ownTablesOf<Tables, GuardTables>(database, "sqlAudit"));
}

/**
 * Lets the nodes of a cluster count limits together, in SQLite or libsql (the processes of one machine) or Postgres. It creates its
 * tables `guard_limits` and `guard_limit_nodes` if they do not exist, and removes rows that nobody needs any more. For `limits.store`.
 * @throws GuardError `store_invalid`
 */
export function sqlLimits<Tables>(database: Kysely<Tables>): LimitStore {
  return new SqlLimits(ownTablesOf<Tables, GuardTables>(database, "sqlLimits"));
}

/**
 * Keeps the queue of `webhooks()` in a database: SQLite or libsql (for the processes of one machine), or Postgres (for any number of
 * nodes). It creates its tables, whose names begin with `guard_webhook_`, if they do not exist. The clocks of the nodes must agree within a few seconds.
 * @throws GuardError `store_invalid`
 */
export function sqlWebhooks<Tables>(database: Kysely<Tables>): WebhookQueue {
  return new SqlWebhooks(ownTablesOf<Tables, WebhookTables>(database, "sqlWebhooks"));
}

function ownTablesOf<Tables, OwnTables>(database: Kysely<Tables>, caller: string): Kysely<OwnTables> {
  if (typeof (database as Partial<Kysely<Tables>> | undefined)?.withoutPlugins !== "function") {
    throw new GuardError("store_invalid", `${caller}(database) needs a Kysely database: new Kysely({ dialect }).`);
  }
  // Plugins of the host may rename columns.
  return database.withoutPlugins() as unknown as Kysely<OwnTables>;
}
