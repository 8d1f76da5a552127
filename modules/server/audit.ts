/** Where the chat keeps its audit log: in a file beside its data, or in its Postgres. And whom it tells of it: WEBHOOK_URL. */
import { join } from "node:path";
import { jsonlAudit, type AuditStore } from "socket.io-guard/audit";
import { sqlAudit } from "socket.io-guard/sql";
import type { Database } from "../database/database.js";
import type { Settings } from "../settings/settings.js";
import { openWebhooks } from "./webhooks.js";

export function openAudit(settings: Pick<Settings, "databaseUrl" | "dataFolder" | "webhook" | "production">, database: Database): AuditStore[] {
  const hooks = openWebhooks(settings, database);
  const log = settings.databaseUrl === undefined ? jsonlAudit({ path: join(settings.dataFolder, "audit.jsonl") }) : sqlAudit(database);
  return hooks === undefined ? [log] : [log, hooks];
}
