/** The tables of revocations, and how they are created, by several nodes at the same time if need be. */
import { randomUUID } from "node:crypto";
import type { Kysely, Transaction } from "kysely";
import type { RevocationKind } from "../session/revocation.js";
import type { Tables } from "./missing-tables.js";

export interface RevocationTables {
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

export type RevocationDatabase = Kysely<RevocationTables>;

/** The id of the only row of `guard_revocation_version`. */
export const versionRow = 1;

export function revocationTables(database: RevocationDatabase): Tables {
  return { exist: () => exist(database), create: () => database.transaction().execute(createTables) };
}

async function exist(database: RevocationDatabase): Promise<boolean> {
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
async function createTables(transaction: Transaction<RevocationTables>): Promise<void> {
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

async function createRecords(transaction: Transaction<RevocationTables>): Promise<void> {
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
