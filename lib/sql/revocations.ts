/** Revocations in a SQL database: one table of records, and one row that says how far their numbers have come. */
import { createHash, randomUUID } from "node:crypto";
import type { Transaction } from "kysely";
import { escapeText, unescapeText } from "../session/escape-text.js";
import { retention, newerVersion, supersedes, merge, type Revocation, type RevocationPage, type RevocationStore, type RevocationVersion } from "../session/revocation.js";
import { withTables } from "./missing-tables.js";
import { onlyRow, revocationTables, type GuardDatabase, type GuardTables } from "./revocation-tables.js";

// Each statement's parameters stay far below what SQLite takes (32,766).
const mostInAppend = 1_000;
const mostInPage = 1_000;
const mostRemoved = 2_000;

type Row = GuardTables["guard_revocations"];
type Whole = Transaction<GuardTables>;

export class SqlRevocations implements RevocationStore {
  readonly #database: GuardDatabase;
  readonly #clock: () => number;
  /** How far this node has seen the store come: a store that has come less far lost something. */
  #seen: RevocationVersion | undefined = undefined;

  constructor(database: GuardDatabase, clock: () => number = Date.now) {
    this.#database = database;
    this.#clock = clock;
  }

  async append(records: readonly Revocation[]): Promise<void> {
    for (let first = 0; first < records.length; first += mostInAppend) {
      const rows = merged(records.slice(first, first + mostInAppend));
      const version = await withTables(revocationTables(this.#database), () => this.#transaction((whole) => this.#write(whole, rows)));
      this.#seen = newerVersion(this.#seen, version);
    }
  }

  async since(version: RevocationVersion | undefined): Promise<RevocationPage> {
    return withTables(revocationTables(this.#database), async () => {
      const current = await this.#current();
      const start = version !== undefined && version.epoch === current.epoch && version.number <= current.number ? version.number : -1;
      if (start === current.number) return { records: [], version: current };
      // What is written in between has a higher number, and is in a later page.
      const rows = await this.#database.selectFrom("guard_revocations").selectAll()
        .where("number", ">", start).where("number", "<=", current.number).orderBy("number").limit(mostInPage).execute();
      const reached = rows.length < mostInPage ? current.number : Number(rows.at(-1)!.number);
      return { records: rows.map(recordOf), version: { epoch: current.epoch, number: reached } };
    });
  }

  async #current(): Promise<RevocationVersion> {
    const row = await this.#database.selectFrom("guard_revocation_version").select(["epoch", "number"]).where("id", "=", onlyRow).executeTakeFirstOrThrow();
    const version = versionOf(row);
    this.#seen = newerVersion(this.#seen, version);
    return version;
  }

  /** Each statement sees what was committed before it, also where a host's default is a snapshot. */
  #transaction<Answer>(work: (whole: Whole) => Promise<Answer>): Promise<Answer> {
    return this.#database.transaction().setIsolationLevel("read committed").execute(work);
  }

  async #write(whole: Whole, rows: readonly Row[]): Promise<RevocationVersion> {
    const version = await this.#lock(whole);
    const known = await whole.selectFrom("guard_revocations").selectAll().where("id", "in", rows.map(({ id }) => id)).execute();
    const knownById = new Map(known.map((row) => [row.id, recordOf(row)]));
    let { number } = version;
    const news: Row[] = [];
    for (const row of rows) {
      const before = knownById.get(row.id);
      if (!supersedes(before, recordOf(row))) news.push({ ...row, ...reachOf(merge(before, recordOf(row))), number: number += 1 });
    }
    if (news.length > 0) await put(whole, news);
    await removeExpired(whole, this.#clock() - retention);
    await whole.updateTable("guard_revocation_version").set({ epoch: version.epoch, number }).where("id", "=", onlyRow).execute();
    return { epoch: version.epoch, number };
  }

  /**
   * Appends go one after the other. Taken by a write, because SQLite's own `begin` locks nothing, and then a write that
   * follows a read can fail as busy at once. A store that has come less far than this node saw was put back to an older
   * state: it goes on under a new epoch, or its next numbers would look like those that were lost.
   */
  async #lock(whole: Whole): Promise<RevocationVersion> {
    const row = await whole.updateTable("guard_revocation_version").set((own) => ({ number: own.ref("number") }))
      .where("id", "=", onlyRow).returning(["epoch", "number"]).executeTakeFirstOrThrow();
    const version = versionOf(row);
    const wentBackwards = this.#seen?.epoch === version.epoch && this.#seen.number > version.number;
    return wentBackwards ? { ...version, epoch: randomUUID() } : version;
  }
}

async function put(whole: Whole, rows: readonly Row[]): Promise<void> {
  await whole.insertInto("guard_revocations").values(rows)
    .onConflict((conflict) => conflict.column("id").doUpdateSet((row) => ({
      issued_before: row.ref("excluded.issued_before"),
      expires_at: row.ref("excluded.expires_at"),
      number: row.ref("excluded.number"),
    })))
    .execute();
}

async function removeExpired(whole: Whole, before: number): Promise<void> {
  const expired = whole.selectFrom("guard_revocations").select("id").where("expires_at", "<=", before).limit(mostRemoved);
  await whole.deleteFrom("guard_revocations").where("id", "in", expired).execute();
}

/** One row for each kind and value: a statement may not write one twice. */
function merged(records: readonly Revocation[]): Row[] {
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

// Postgres' bigint arrives as a string.
function versionOf({ epoch, number }: RevocationVersion): RevocationVersion {
  return { epoch, number: Number(number) };
}

function recordOf(row: Row): Revocation {
  return { kind: row.kind, value: unescapeText(row.value), issuedBefore: Number(row.issued_before), expiresAt: Number(row.expires_at) };
}
