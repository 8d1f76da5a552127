/** Revocations in a SQL database: a table of records, and one row with the number of the last. */
import { createHash, randomUUID } from "node:crypto";
import type { Kysely, Transaction } from "kysely";
import { retention, newerVersion, supersedes, merge, type Revocation, type RevocationPage, type RevocationStore, type RevocationVersion } from "../session/revocation.js";
import { escapeText, unescapeText } from "../store.js";
import { revocationTables, versionRow, withTables, type GuardTables, type Tables } from "./tables.js";

// With these, each statement has far fewer parameters than SQLite's maximum of 32,766.
const maxInAppend = 1_000;
const maxInPage = 1_000;
const maxRemoved = 2_000;

type Row = GuardTables["guard_revocations"];
type Open = Transaction<GuardTables>;

export class SqlRevocations implements RevocationStore {
  readonly #database: Kysely<GuardTables>;
  readonly #tables: Tables;
  /** The latest version that this node has seen. A store with an earlier one has lost records. */
  #seen: RevocationVersion | undefined = undefined;

  constructor(database: Kysely<GuardTables>) {
    this.#database = database;
    this.#tables = revocationTables(database);
  }

  async append(records: readonly Revocation[]): Promise<void> {
    for (let first = 0; first < records.length; first += maxInAppend) {
      const rows = rowsOf(records.slice(first, first + maxInAppend));
      const version = await withTables(this.#tables, () => this.#transaction((transaction) => this.#write(transaction, rows)));
      this.#seen = newerVersion(this.#seen, version);
    }
  }

  async since(version: RevocationVersion | undefined): Promise<RevocationPage> {
    return withTables(this.#tables, async () => {
      const current = await this.#current();
      const start = version !== undefined && version.epoch === current.epoch && version.number <= current.number ? version.number : -1;
      if (start === current.number) return { records: [], version: current };
      // Records that are written meanwhile have higher numbers, and come in a later page.
      const rows = await this.#database.selectFrom("guard_revocations").selectAll()
        .where("number", ">", start).where("number", "<=", current.number).orderBy("number").limit(maxInPage).execute();
      const reached = rows.length < maxInPage ? current.number : Number(rows.at(-1)!.number);
      return { records: rows.map(recordOf), version: { epoch: current.epoch, number: reached } };
    });
  }

  async #current(): Promise<RevocationVersion> {
    const row = await this.#database.selectFrom("guard_revocation_version").select(["epoch", "number"]).where("id", "=", versionRow).executeTakeFirstOrThrow();
    const version = versionOf(row);
    this.#seen = newerVersion(this.#seen, version);
    return version;
  }

  /** Each statement sees everything that was committed before it, even if the database is configured for snapshots. */
  #transaction<Answer>(work: (transaction: Open) => Promise<Answer>): Promise<Answer> {
    return this.#database.transaction().setIsolationLevel("read committed").execute(work);
  }

  async #write(transaction: Open, rows: readonly Row[]): Promise<RevocationVersion> {
    const version = await this.#lock(transaction);
    const known = await transaction.selectFrom("guard_revocations").selectAll().where("id", "in", rows.map(({ id }) => id)).execute();
    const knownById = new Map(known.map((row) => [row.id, recordOf(row)]));
    let { number } = version;
    const news: Row[] = [];
    for (const row of rows) {
      const before = knownById.get(row.id);
      if (!supersedes(before, recordOf(row))) news.push({ ...row, ...reachOf(merge(before, recordOf(row))), number: number += 1 });
    }
    if (news.length > 0) await upsert(transaction, news);
    await removeExpired(transaction, Date.now() - retention);
    await transaction.updateTable("guard_revocation_version").set({ epoch: version.epoch, number }).where("id", "=", versionRow).execute();
    return { epoch: version.epoch, number };
  }

  /**
   * Locks the version row, so that appends run one after the other. The lock is a write: `begin` locks nothing in SQLite, and a
   * write after a read can fail at once because the database is busy. If the version is earlier than one that this node has seen,
   * the database was restored from an older copy. It then gets a new epoch, or its next numbers would look like the lost ones.
   */
  async #lock(transaction: Open): Promise<RevocationVersion> {
    const row = await transaction.updateTable("guard_revocation_version").set((own) => ({ number: own.ref("number") }))
      .where("id", "=", versionRow).returning(["epoch", "number"]).executeTakeFirstOrThrow();
    const version = versionOf(row);
    const wentBackwards = this.#seen?.epoch === version.epoch && this.#seen.number > version.number;
    return wentBackwards ? { ...version, epoch: randomUUID() } : version;
  }
}

async function upsert(transaction: Open, rows: readonly Row[]): Promise<void> {
  await transaction.insertInto("guard_revocations").values(rows)
    .onConflict((conflict) => conflict.column("id").doUpdateSet((row) => ({
      issued_before: row.ref("excluded.issued_before"),
      expires_at: row.ref("excluded.expires_at"),
      number: row.ref("excluded.number"),
    })))
    .execute();
}

async function removeExpired(transaction: Open, before: number): Promise<void> {
  const expired = transaction.selectFrom("guard_revocations").select("id").where("expires_at", "<=", before).limit(maxRemoved);
  await transaction.deleteFrom("guard_revocations").where("id", "in", expired).execute();
}

/** One row for each kind and value, because a statement cannot write the same row twice. */
function rowsOf(records: readonly Revocation[]): Row[] {
  const byId = new Map<string, Revocation>();
  for (const record of records) {
    const id = createHash("sha256").update(`${record.kind} ${escapeText(record.value)}`).digest("base64url");
    byId.set(id, merge(byId.get(id), record));
  }
  return [...byId].map(([id, record]) => ({ id, kind: record.kind, value: escapeText(record.value), ...reachOf(record), number: 0 }));
}

function reachOf({ issuedBefore, expiresAt }: Revocation): Pick<Row, "issued_before" | "expires_at"> {
  return { issued_before: issuedBefore, expires_at: expiresAt };
}

// Postgres returns a bigint as a string.
function versionOf({ epoch, number }: RevocationVersion): RevocationVersion {
  return { epoch, number: Number(number) };
}

function recordOf(row: Row): Revocation {
  return { kind: row.kind, value: unescapeText(row.value), issuedBefore: Number(row.issued_before), expiresAt: Number(row.expires_at) };
}
