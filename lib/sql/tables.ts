/** The tables of the store. They are created when a query finds them missing, by several nodes at the same time if need be. */
import { randomUUID } from "node:crypto";
import type { Kysely, Transaction } from "kysely";
import type { RevocationKind } from "../session/revocation.js";

export interface GuardTables {
  guard_api_keys: {
    id: string;
    name: string;
    subject: string;
    /** JSON: a list of names. */
    scopes: string;
    /** JSON: a list of `ApiKeySecret`. */
    secrets: string;
    /** Epoch milliseconds. */
    created_at: number;
    expires_at: number | null;
    revoked_at: number | null;
    last_used_at: number | null;
    revision: number;
  };
  /** The nodes that count in `guard_limits`. */
  guard_limit_nodes: {
    id: string;
    /** Epoch microseconds, by the clock of the database. */
    seen_at: number;
  };
  /** A row for each window of a limit. */
  guard_limits: {
    /** A digest of the limit and its key. */
    id: string;
    /** What `Places` reads. */
    places: string;
    /** Epoch microseconds. Afterwards all its places are free, and the row may go. */
    ends_at: number;
  };
  guard_audit: {
    id: string;
    /** Epoch milliseconds. */
    time: number;
    type: string;
    subject: string | null;
    actor: string | null;
    /** JSON: the whole `AuditRecord`. */
    record: string;
  };
  /** One row. Every append locks it first, so that numbers are committed in their order. */
  guard_revocation_version: {
    id: number;
    epoch: string;
    number: number;
  };
  guard_revocations: {
    /** A digest of kind and value, because a value can be too long for an index. */
    id: string;
    kind: RevocationKind;
    value: string;
    /** Epoch milliseconds, possibly with a fraction. */
    issued_before: number;
    expires_at: number;
    /** The number of the version in which the record was last written. */
    number: number;
  };
}

/** The id of the only row of `guard_revocation_version`. */
export const versionRow = 1;

export interface Tables {
  exist(): Promise<boolean>;
  create(): Promise<unknown>;
}

const maxAttempts = 5;

/**
 * Runs a query. If it fails because its tables are missing, creates them and runs it again. The tables are not created in advance:
 * Postgres rejects "create if not exists" from a user without permission to create, even if the table exists.
 */
export async function withTables<Answer>(tables: Tables, query: () => Promise<Answer>): Promise<Answer> {
  try {
    return await query();
  } catch (error) {
    if (!(await tables.exist())) await create(tables);
    else if (!saysMissing(error)) throw error;
    return query();
  }
}

/** Whether the error means a missing table, which another node may have created since then. Postgres has a code for it, SQLite a message. */
function saysMissing(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return code === "42P01" || String(message).includes("no such table");
}

/** When two nodes create the same table at once, one of them fails, and finds the table of the other a moment later. */
async function create(tables: Tables): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await tables.create();
      return;
    } catch (error) {
      if (await tables.exist()) return;
      if (attempt === maxAttempts) throw error;
    }
  }
}

export function auditTable(database: Kysely<GuardTables>): Tables {
  const exist = () => database.selectFrom("guard_audit").select("id").limit(1).execute().then(() => true, () => false);
  return { exist, create: () => createAudit(database) };
}

async function createAudit(database: Kysely<GuardTables>): Promise<void> {
  await database.schema.createTable("guard_audit").ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("time", "double precision", (column) => column.notNull())
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("subject", "text")
    .addColumn("actor", "text")
    .addColumn("record", "text", (column) => column.notNull())
    .execute();
  await database.schema.createIndex("guard_audit_time").ifNotExists().on("guard_audit").column("time").execute();
}

export function apiKeyTable(database: Kysely<GuardTables>): Tables {
  const exist = () => database.selectFrom("guard_api_keys").select("id").limit(1).execute().then(() => true, () => false);
  return { exist, create: () => createApiKeys(database) };
}

async function createApiKeys(database: Kysely<GuardTables>): Promise<void> {
  await database.schema.createTable("guard_api_keys").ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("scopes", "text", (column) => column.notNull())
    .addColumn("secrets", "text", (column) => column.notNull())
    .addColumn("created_at", "double precision", (column) => column.notNull())
    .addColumn("expires_at", "double precision")
    .addColumn("revoked_at", "double precision")
    .addColumn("last_used_at", "double precision")
    .addColumn("revision", "bigint", (column) => column.notNull())
    .execute();
}

export function limitTables(database: Kysely<GuardTables>): Tables {
  const exist = () => Promise.all((["guard_limits", "guard_limit_nodes"] as const).map((table) => database.selectFrom(table).select("id").limit(1).execute())).then(() => true, () => false);
  return { exist, create: () => createLimits(database) };
}

async function createLimits(database: Kysely<GuardTables>): Promise<void> {
  await database.schema.createTable("guard_limit_nodes").ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("seen_at", "double precision", (column) => column.notNull())
    .execute();
  await database.schema.createTable("guard_limits").ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("places", "text", (column) => column.notNull())
    .addColumn("ends_at", "double precision", (column) => column.notNull())
    .execute();
  await database.schema.createIndex("guard_limits_ends_at").ifNotExists().on("guard_limits").column("ends_at").execute();
}

export function revocationTables(database: Kysely<GuardTables>): Tables {
  return { exist: () => revocationsExist(database), create: () => database.transaction().execute(createRevocations) };
}

async function revocationsExist(database: Kysely<GuardTables>): Promise<boolean> {
  const version = database.selectFrom("guard_revocation_version").select("id").where("id", "=", versionRow);
  const record = database.selectFrom("guard_revocations").select("id").limit(1);
  try {
    await record.execute();
    return (await version.execute()).length > 0;
  } catch {
    return false;
  }
}

// If one of the two tables existed, the new epoch says that records were lost. The version row is locked before the other table is
// touched, in the same order as in an append: in another order, the two could deadlock.
async function createRevocations(transaction: Transaction<GuardTables>): Promise<void> {
  await transaction.schema.createTable("guard_revocation_version").ifNotExists()
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("epoch", "text", (column) => column.notNull())
    .addColumn("number", "bigint", (column) => column.notNull())
    .execute();
  const epoch = randomUUID();
  const { number } = await transaction.insertInto("guard_revocation_version").values({ id: versionRow, epoch, number: 0 })
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ epoch })).returning("number").executeTakeFirstOrThrow();
  await createRecords(transaction);
  const { last } = await transaction.selectFrom("guard_revocations").select((select) => select.fn.max("number").as("last")).executeTakeFirstOrThrow();
  await transaction.updateTable("guard_revocation_version").set({ number: Math.max(Number(number), Number(last ?? 0)) }).where("id", "=", versionRow).execute();
}

async function createRecords(transaction: Transaction<GuardTables>): Promise<void> {
  await transaction.schema.createTable("guard_revocations").ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("value", "text", (column) => column.notNull())
    .addColumn("issued_before", "double precision", (column) => column.notNull())
    .addColumn("expires_at", "double precision", (column) => column.notNull())
    .addColumn("number", "bigint", (column) => column.notNull())
    .execute();
  await transaction.schema.createIndex("guard_revocations_number").ifNotExists().on("guard_revocations").column("number").execute();
  await transaction.schema.createIndex("guard_revocations_expires_at").ifNotExists().on("guard_revocations").column("expires_at").execute();
}
