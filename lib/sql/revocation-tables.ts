/** The guard's tables, as kysely sees them, and how they are made, by however many nodes at the same time. */
import { randomUUID } from "node:crypto";
import type { Kysely, Transaction } from "kysely";
import type { RevocationKind } from "../session/revocation.js";
import type { Tables } from "./missing-tables.js";

export interface GuardTables {
  /** One row, which every append locks first: so numbers are committed in their order. */
  guard_revocation_version: {
    id: number;
    epoch: string;
    number: number;
  };
  guard_revocations: {
    /** A digest of kind and value: a value can be longer than an index takes. */
    id: string;
    kind: RevocationKind;
    value: string;
    /** Milliseconds since 1970, perhaps with a fraction. */
    issued_before: number;
    expires_at: number;
    /** The version's number when the record was last written. */
    number: number;
  };
}

export type GuardDatabase = Kysely<GuardTables>;

export const onlyRow = 1;

export function revocationTables(database: GuardDatabase): Tables {
  return { areThere: () => areThere(database), make: () => database.transaction().execute(makeAll) };
}

async function areThere(database: GuardDatabase): Promise<boolean> {
  const version = database.selectFrom("guard_revocation_version").select("id").where("id", "=", onlyRow);
  const record = database.selectFrom("guard_revocations").select("id").limit(1);
  try {
    await record.execute();
    return (await version.execute()).length > 0;
  } catch {
    return false;
  }
}

// One of the two may have been there: then the new epoch says that something was lost. The row comes before the other table,
// as it does in an append: in another order, the two could wait for each other for ever.
async function makeAll(whole: Transaction<GuardTables>): Promise<void> {
  await whole.schema.createTable("guard_revocation_version").ifNotExists()
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("epoch", "text", (column) => column.notNull())
    .addColumn("number", "bigint", (column) => column.notNull())
    .execute();
  const epoch = randomUUID();
  const { number } = await whole.insertInto("guard_revocation_version").values({ id: onlyRow, epoch, number: 0 })
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ epoch })).returning("number").executeTakeFirstOrThrow();
  await makeRecords(whole);
  const { last } = await whole.selectFrom("guard_revocations").select((select) => select.fn.max("number").as("last")).executeTakeFirstOrThrow();
  await whole.updateTable("guard_revocation_version").set({ number: Math.max(Number(number), Number(last ?? 0)) }).where("id", "=", onlyRow).execute();
}

async function makeRecords(whole: Transaction<GuardTables>): Promise<void> {
  await whole.schema.createTable("guard_revocations").ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("value", "text", (column) => column.notNull())
    .addColumn("issued_before", "double precision", (column) => column.notNull())
    .addColumn("expires_at", "double precision", (column) => column.notNull())
    .addColumn("number", "bigint", (column) => column.notNull())
    .execute();
  await whole.schema.createIndex("guard_revocations_number").ifNotExists().on("guard_revocations").column("number").execute();
  await whole.schema.createIndex("guard_revocations_expires_at").ifNotExists().on("guard_revocations").column("expires_at").execute();
}
