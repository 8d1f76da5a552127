/** The audit log in a SQL database: one row for each record, with the columns that people search by. */
import { randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import type { AuditRecord, AuditStore } from "../audit/record.js";
import { escapeText } from "../store.js";
import { auditTable, withTables, type GuardTables, type Tables } from "./tables.js";

type Row = GuardTables["guard_audit"];

export class SqlAudit implements AuditStore {
  readonly #database: Kysely<GuardTables>;
  readonly #tables: Tables;
  /** A batch that is written again has the same ids, so that no record is there twice. */
  readonly #ids = new WeakMap<AuditRecord, string>();

  constructor(database: Kysely<GuardTables>) {
    this.#database = database;
    this.#tables = auditTable(database);
  }

  async write(records: readonly AuditRecord[]): Promise<void> {
    if (records.length === 0) return;
    const insert = this.#database.insertInto("guard_audit").values(records.map((record) => this.#rowOf(record))).onConflict((conflict) => conflict.column("id").doNothing());
    await withTables(this.#tables, () => insert.execute());
  }

  #rowOf(record: AuditRecord): Row {
    const { time, type, subject, actor } = record;
    const id = this.#ids.get(record) ?? randomUUID();
    this.#ids.set(record, id);
    return { id, time, type, subject: subject === undefined ? null : escapeText(subject), actor: actor === undefined ? null : escapeText(actor), record: JSON.stringify(record) };
  }
}
