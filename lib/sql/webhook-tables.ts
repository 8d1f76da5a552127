/** The tables of the queue of webhooks. */
import type { Kysely, Transaction } from "kysely";
import type { Tables } from "./tables.js";

export interface WebhookTables {
  /** One row for each lane with deliveries. Everything that changes a lane locks its row first. */
  guard_webhook_lanes: {
    lane: string;
    endpoint: string;
    /** When the first delivery of the lane is due, or the lease of who makes it ends: epoch milliseconds. */
    due_at: number;
    /** Who makes it. */
    owner: string | null;
    /** The number of the last delivery of the lane. */
    last: number;
    attempts: number;
    failing_since: number | null;
  };
  guard_webhook_deliveries: {
    key: string;
    id: string;
    endpoint: string;
    lane: string;
    /** Grows within the lane. */
    number: number;
    type: string;
    subject: string | null;
    body: string;
    created_at: number;
  };
  guard_webhook_dead_letters: {
    key: string;
    id: string;
    endpoint: string;
    lane: string;
    type: string;
    subject: string | null;
    body: string;
    created_at: number;
    died_at: number;
    attempts: number;
    reason: string;
  };
}

export function webhookTables(database: Kysely<WebhookTables>): Tables {
  const isThere = (table: keyof WebhookTables) => database.selectFrom(table).select("lane").limit(1).execute().then(() => true, () => false);
  return {
    exist: async () => await isThere("guard_webhook_lanes") && await isThere("guard_webhook_deliveries") && await isThere("guard_webhook_dead_letters"),
    create: () => database.transaction().execute(create),
  };
}

async function create(transaction: Transaction<WebhookTables>): Promise<void> {
  const { schema } = transaction;
  await schema.createTable("guard_webhook_lanes").ifNotExists()
    .addColumn("lane", "text", (column) => column.primaryKey())
    .addColumn("endpoint", "text", (column) => column.notNull())
    .addColumn("due_at", "double precision", (column) => column.notNull())
    .addColumn("owner", "text")
    .addColumn("last", "bigint", (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull())
    .addColumn("failing_since", "double precision")
    .execute();
  await schema.createTable("guard_webhook_deliveries").ifNotExists()
    .addColumn("key", "text", (column) => column.primaryKey())
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("endpoint", "text", (column) => column.notNull())
    .addColumn("lane", "text", (column) => column.notNull())
    .addColumn("number", "bigint", (column) => column.notNull())
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("subject", "text")
    .addColumn("body", "text", (column) => column.notNull())
    .addColumn("created_at", "double precision", (column) => column.notNull())
    .execute();
  await schema.createTable("guard_webhook_dead_letters").ifNotExists()
    .addColumn("key", "text", (column) => column.primaryKey())
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("endpoint", "text", (column) => column.notNull())
    .addColumn("lane", "text", (column) => column.notNull())
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("subject", "text")
    .addColumn("body", "text", (column) => column.notNull())
    .addColumn("created_at", "double precision", (column) => column.notNull())
    .addColumn("died_at", "double precision", (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull())
    .addColumn("reason", "text", (column) => column.notNull())
    .execute();
  await schema.createIndex("guard_webhook_lanes_due").ifNotExists().on("guard_webhook_lanes").columns(["endpoint", "due_at"]).execute();
  await schema.createIndex("guard_webhook_deliveries_lane").ifNotExists().on("guard_webhook_deliveries").columns(["lane", "number"]).execute();
  await schema.createIndex("guard_webhook_deliveries_age").ifNotExists().on("guard_webhook_deliveries").columns(["endpoint", "created_at"]).execute();
  await schema.createIndex("guard_webhook_dead_letters_id").ifNotExists().on("guard_webhook_dead_letters").column("id").execute();
  await schema.createIndex("guard_webhook_dead_letters_died").ifNotExists().on("guard_webhook_dead_letters").column("died_at").execute();
}
