/** Limits in a SQL database: a row for each window. One transaction takes all places of an event. */
import type { Kysely, Transaction } from "kysely";
import { nodeLives, type LimitStore, type StoredWindow } from "../limits/limit-store.js";
import { dialectOf, type Dialect } from "./dialect.js";
import { Places } from "./places.js";
import { limitTables, withTables, type GuardTables, type Tables } from "./tables.js";

const maxRemoved = 1_000;
// Microseconds. Postgres updates a row with less work if what has an index stays as it was: the end of a row does, for a minute.
const endsEvery = 60_000_000;

type Open = Transaction<GuardTables>;

/** It forgets no node: what a database has committed, it keeps. */
export class SqlLimits implements LimitStore {
  readonly #database: Kysely<GuardTables>;
  readonly #tables: Tables;
  #dialect: Dialect | undefined;

  constructor(database: Kysely<GuardTables>) {
    this.#database = database;
    this.#tables = limitTables(database);
  }

  async announce(node: string): ReturnType<LimitStore["announce"]> {
    const nodes = await withTables(this.#tables, () => this.#announce(node));
    // Not awaited: it may take long. What fails is tried again by the next announcement.
    this.#removeEnded().catch(() => undefined);
    return { nodes, isKnown: true };
  }

  async take(windows: readonly StoredWindow[]): ReturnType<LimitStore["take"]> {
    return this.#change(windows, (opened) => {
      const waits = opened.map((places) => Math.ceil(places.wait() / 1_000));
      const isFull = waits.some((wait) => wait > 0);
      return { waits, places: isFull ? [] : opened.map((places) => places.take()), isKnown: true };
    });
  }

  async giveBack(windows: readonly StoredWindow[], instants: readonly number[]): Promise<void> {
    await this.#change(windows, (opened) => opened.forEach((places, index) => places.giveBack(instants[index]!)));
  }

  async #change<Answer>(windows: readonly StoredWindow[], change: (opened: readonly Places[]) => Answer): Promise<Answer> {
    const dialect = await this.#known();
    return withTables(this.#tables, () => this.#database.transaction().setIsolationLevel("read committed").execute(async (transaction) => {
      const byId = await lock(transaction, windows, dialect);
      const opened = windows.map(({ id }) => byId.get(id)!);
      const before = opened.map(String);
      const answer = change(opened);
      if (opened.some((places, index) => String(places) !== before[index])) await write(transaction, byId);
      return answer;
    }));
  }

  async #announce(node: string): Promise<number> {
    const { now } = await this.#known();
    await this.#database.insertInto("guard_limit_nodes").values({ id: node, seen_at: now })
      .onConflict((conflict) => conflict.column("id").doUpdateSet((row) => ({ seen_at: row.ref("excluded.seen_at") }))).execute();
    const { nodes } = await this.#database.selectFrom("guard_limit_nodes").select((build) => build.fn.countAll().as("nodes"))
      .where((build) => build("seen_at", ">=", build(now, "-", nodeLives * 1_000))).executeTakeFirstOrThrow();
    return Number(nodes);
  }

  async #removeEnded(): Promise<void> {
    const { now, locksRows } = await this.#known();
    const gone = this.#database.selectFrom("guard_limit_nodes").select("id").where((build) => build("seen_at", "<", build(now, "-", nodeLives * 1_000)));
    const ended = this.#database.selectFrom("guard_limits").select("id").where((build) => build("ends_at", "<", now)).limit(maxRemoved);
    // It waits for no row: who waits for several at once, in any order, could wait for ever.
    await this.#database.deleteFrom("guard_limit_nodes").where("id", "in", locksRows ? gone.forUpdate().skipLocked() : gone).execute();
    for (let removed = maxRemoved; removed >= maxRemoved;) {
      const { numDeletedRows } = await this.#database.deleteFrom("guard_limits").where("id", "in", locksRows ? ended.forUpdate().skipLocked() : ended).executeTakeFirstOrThrow();
      removed = Number(numDeletedRows);
    }
  }

  async #known(): Promise<Dialect> {
    return (this.#dialect ??= await dialectOf(this.#database));
  }
}

/**
 * Locks the row of each window, all nodes in the same order, so that no two of them wait for each other. The lock is a write: `begin`
 * locks nothing in SQLite, and a write after a read can fail at once because the database is busy. The clock is read under the locks. The commit does not wait for
 * the disk, or the next event would wait for it, too: after a crash of the database, nodes count their shares anyway.
 */
async function lock(transaction: Open, windows: readonly StoredWindow[], { now, quickCommit }: Dialect): Promise<ReadonlyMap<string, Places>> {
  const ids = windows.map(({ id }) => id).sort();
  const rows = await transaction.insertInto("guard_limits").values(ids.map((id) => ({ id, places: "", ends_at: 0 })))
    .onConflict((conflict) => conflict.column("id").doUpdateSet((build) => ({ places: build.ref("guard_limits.places") })))
    .returning(["id", "places", now.as("now"), ...(quickCommit === undefined ? [] : [quickCommit.as("quick")])]).execute();
  const instant = Math.floor(Math.max(...rows.map((row) => Number(row.now))));
  const placesById = new Map(rows.map(({ id, places }) => [id, places]));
  return new Map(windows.map((window) => [window.id, new Places(placesById.get(window.id)!, window, instant)]));
}

async function write(transaction: Open, byId: ReadonlyMap<string, Places>): Promise<void> {
  const rows = [...byId].map(([id, places]) => ({ id, places: String(places), ends_at: Math.ceil(places.endsAt / endsEvery) * endsEvery }));
  await transaction.insertInto("guard_limits").values(rows)
    .onConflict((conflict) => conflict.column("id").doUpdateSet((build) => ({ places: build.ref("excluded.places"), ends_at: build.ref("excluded.ends_at") })))
    .execute();
}
