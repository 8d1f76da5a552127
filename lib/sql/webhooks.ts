/** The queue of webhooks in a SQL database. A claim is a lease on the row of a lane, and whoever changes a lane locks its row first. */
import { randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import type { ClaimedDelivery, SettledDelivery, WebhookCounts, WebhookDeadLetter, WebhookDelivery, WebhookQueue } from "../webhooks/queue.js";
import { withTables, type Tables } from "./tables.js";
import { addRows, buryRows, deadRow, deliveryOf, firstDeliveries, maxInStatement, subjectOf, type DeliveryRow, type LaneRow, type Open } from "./webhook-rows.js";
import { webhookTables, type WebhookTables } from "./webhook-tables.js";

export class SqlWebhooks implements WebhookQueue {
  readonly #database: Kysely<WebhookTables>;
  readonly #tables: Tables;
  /** Postgres changes several lanes at the same time, and SQLite one. Only Postgres knows row locks. */
  readonly #hasRowLocks: boolean;

  constructor(database: Kysely<WebhookTables>) {
    this.#database = database;
    this.#tables = webhookTables(database);
    // Kysely's adapters say of Postgres alone that it creates tables in transactions.
    this.#hasRowLocks = database.getExecutor().adapter.supportsTransactionalDdl;
  }

  async add(deliveries: readonly WebhookDelivery[]): Promise<void> {
    if (deliveries.length > 0) await this.#transaction((transaction) => addRows(transaction, deliveries));
  }

  async bury(deliveries: readonly WebhookDelivery[], reason: string): Promise<void> {
    const now = Date.now();
    // A fraction keeps their order.
    if (deliveries.length > 0) await this.#transaction((transaction) => buryRows(transaction, deliveries.map((delivery, place) => deadRow(delivery, now + place / 1_000, 0, reason))));
  }

  async claim(endpoints: readonly { readonly name: string; readonly limit: number }[], lease: number): Promise<readonly ClaimedDelivery[]> {
    const due = await withTables(this.#tables, () => this.#database.selectFrom("guard_webhook_lanes").select("endpoint").distinct()
      .where("endpoint", "in", endpoints.map(({ name }) => name)).where("due_at", "<=", Date.now()).execute());
    if (due.length === 0) return [];
    const names = new Set(due.map(({ endpoint }) => endpoint));
    return this.#transaction(async (transaction) => {
      const lanes: LaneRow[] = [];
      for (const { name, limit } of endpoints) if (names.has(name)) lanes.push(...await this.#claimLanes(transaction, name, limit, lease));
      return claimsOf(lanes, await firstDeliveries(transaction, lanes.map(({ lane }) => lane)));
    });
  }

  async settle(settled: readonly SettledDelivery[], lease: number): Promise<readonly (ClaimedDelivery | undefined)[]> {
    const next = await this.#transaction(async (transaction) => {
      const owners = await this.#lock(transaction, settled.map(({ delivery }) => delivery.lane));
      return settleHeld(transaction, settled.filter(({ delivery, owner }) => owners.get(delivery.lane) === owner), lease);
    });
    return settled.map(({ delivery, owner }) => next.find((claim) => claim.delivery.lane === delivery.lane && claim.owner === owner));
  }

  async deadLetters(limit: number): Promise<readonly WebhookDeadLetter[]> {
    const rows = await withTables(this.#tables, () => this.#database.selectFrom("guard_webhook_dead_letters").selectAll().orderBy("died_at").orderBy("created_at").limit(limit).execute());
    return rows.map((row) => ({
      id: row.id, endpoint: row.endpoint, type: row.type, subject: subjectOf(row), body: row.body,
      createdAt: row.created_at, diedAt: row.died_at, attempts: row.attempts, reason: row.reason,
    }));
  }

  async replay(ids: readonly string[], endpoints: readonly string[]): Promise<number> {
    let replayed = 0;
    for (let first = 0; first < ids.length; first += maxInStatement) replayed += await this.#replay(ids.slice(first, first + maxInStatement), endpoints);
    return replayed;
  }

  async removeDeadLetters(before: number, most: number): Promise<number> {
    return this.#transaction(async (transaction) => {
      await transaction.deleteFrom("guard_webhook_dead_letters").where("died_at", "<", before).execute();
      const { count } = await transaction.selectFrom("guard_webhook_dead_letters").select((select) => select.fn.countAll().as("count")).executeTakeFirstOrThrow();
      const tooMany = Number(count) - most;
      if (tooMany <= 0) return 0;
      const oldest = transaction.selectFrom("guard_webhook_dead_letters").select("key").orderBy("died_at").limit(tooMany);
      await transaction.deleteFrom("guard_webhook_dead_letters").where("key", "in", oldest).execute();
      return tooMany;
    });
  }

  async counts(endpoints: readonly string[]): Promise<readonly WebhookCounts[]> {
    const [backlogs, dead] = await withTables(this.#tables, () => Promise.all([
      this.#database.selectFrom("guard_webhook_deliveries").where("endpoint", "in", endpoints).groupBy("endpoint")
        .select((select) => ["endpoint", select.fn.countAll().as("count"), select.fn.min("created_at").as("oldest")]).execute(),
      this.#database.selectFrom("guard_webhook_dead_letters").where("endpoint", "in", endpoints).groupBy("endpoint")
        .select((select) => ["endpoint", select.fn.countAll().as("count")]).execute(),
    ]));
    return endpoints.map((name) => {
      const backlog = backlogs.find(({ endpoint }) => endpoint === name);
      return { backlog: Number(backlog?.count ?? 0), dead: Number(dead.find(({ endpoint }) => endpoint === name)?.count ?? 0), oldest: backlog?.oldest ?? null };
    });
  }

  /**
   * Each statement sees everything that was committed before it. The first statement of each transaction writes or locks: in SQLite,
   * a write after a read can fail at once because the database is busy.
   */
  #transaction<Answer>(work: (transaction: Open) => Promise<Answer>): Promise<Answer> {
    return withTables(this.#tables, () => this.#database.transaction().setIsolationLevel("read committed").execute(work));
  }

  /** A lane that another transaction has locked is left to that one: waiting for it could deadlock. */
  async #claimLanes(transaction: Open, endpoint: string, limit: number, lease: number): Promise<LaneRow[]> {
    const now = Date.now();
    const due = transaction.selectFrom("guard_webhook_lanes").select("lane").where("endpoint", "=", endpoint).where("due_at", "<=", now).orderBy("due_at").limit(limit);
    const lanes = this.#hasRowLocks ? (await due.forUpdate().skipLocked().execute()).map(({ lane }) => lane) : due;
    if (Array.isArray(lanes) && lanes.length === 0) return [];
    return transaction.updateTable("guard_webhook_lanes").set({ due_at: now + lease, owner: randomUUID() }).where("lane", "in", lanes).returningAll().execute();
  }

  /** The owners of lanes, which are locked. Locks are always taken in the order of the lanes, so that no two transactions wait for each other. */
  async #lock(transaction: Open, lanes: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
    const rows = this.#hasRowLocks
      ? await transaction.selectFrom("guard_webhook_lanes").select(["lane", "owner"]).where("lane", "in", lanes).orderBy("lane").forUpdate().execute()
      : await transaction.updateTable("guard_webhook_lanes").set((own) => ({ owner: own.ref("owner") })).where("lane", "in", lanes).returning(["lane", "owner"]).execute();
    return new Map(rows.map(({ lane, owner }) => [lane, owner]));
  }

  #replay(ids: readonly string[], endpoints: readonly string[]): Promise<number> {
    return this.#transaction(async (transaction) => {
      const rows = await transaction.deleteFrom("guard_webhook_dead_letters").where("id", "in", ids).where("endpoint", "in", endpoints).returningAll().execute();
      const now = Date.now();
      const inOrder = rows.sort((one, other) => one.died_at - other.died_at || one.created_at - other.created_at);
      if (rows.length > 0) await addRows(transaction, inOrder.map((row) => ({ ...deliveryOf(row), createdAt: now })));
      return rows.length;
    });
  }
}

/** Returns the next deliveries of the lanes that are kept. */
async function settleHeld(transaction: Open, settled: readonly SettledDelivery[], lease: number): Promise<ClaimedDelivery[]> {
  const now = Date.now();
  const over = settled.filter(({ outcome }) => outcome !== "retry");
  const dead = over.filter(({ outcome }) => outcome === "dead");
  if (dead.length > 0) await buryRows(transaction, dead.map(({ delivery, attempts, reason }) => deadRow(delivery, now, attempts, reason)));
  if (over.length > 0) await transaction.deleteFrom("guard_webhook_deliveries").where("key", "in", over.map(({ delivery }) => delivery.key)).execute();
  const next = new Map((await firstDeliveries(transaction, over.map(({ delivery }) => delivery.lane))).map((row) => [row.lane, row]));
  const empty = over.filter(({ delivery }) => !next.has(delivery.lane)).map(({ delivery }) => delivery.lane);
  if (empty.length > 0) await transaction.deleteFrom("guard_webhook_lanes").where("lane", "in", empty).execute();

  const claims: ClaimedDelivery[] = [];
  const changes = new Map<string, { readonly set: Partial<LaneRow>; readonly lanes: string[] }>();
  const change = (lane: string, set: Partial<LaneRow>) => {
    const same = changes.get(JSON.stringify(set)) ?? { set, lanes: [] };
    same.lanes.push(lane);
    changes.set(JSON.stringify(set), same);
  };
  for (const { delivery: { lane }, owner, outcome, attempts, failingSince, delay, keep } of settled) {
    const row = next.get(lane);
    if (outcome === "retry") change(lane, { due_at: now + delay, owner: null, attempts, failing_since: failingSince });
    else if (row !== undefined && !keep) change(lane, { due_at: now, owner: null, attempts: 0, failing_since: failingSince });
    else if (row !== undefined) {
      change(lane, { due_at: now + lease, attempts: 0, failing_since: failingSince });
      claims.push({ delivery: deliveryOf(row), owner, attempts: 0, failingSince });
    }
  }
  for (const { set, lanes } of changes.values()) await transaction.updateTable("guard_webhook_lanes").set(set).where("lane", "in", lanes).execute();
  return claims;
}

function claimsOf(lanes: readonly LaneRow[], rows: readonly DeliveryRow[]): ClaimedDelivery[] {
  const states = new Map(lanes.map((lane) => [lane.lane, lane]));
  return rows.map((row) => {
    const { owner, attempts, failing_since: failingSince } = states.get(row.lane)!;
    return { delivery: deliveryOf(row), owner: owner!, attempts, failingSince };
  });
}
