/** The rows of the queue of webhooks: how they are added, read and written. */
import type { Transaction } from "kysely";
import { escapeText, unescapeText } from "../store.js";
import type { WebhookDelivery } from "../webhooks/queue.js";
import type { WebhookTables } from "./webhook-tables.js";

export type Open = Transaction<WebhookTables>;
export type LaneRow = WebhookTables["guard_webhook_lanes"];
export type DeliveryRow = WebhookTables["guard_webhook_deliveries"];
type DeadRow = WebhookTables["guard_webhook_dead_letters"];

// With these, each statement has far fewer parameters than SQLite's maximum of 32,766.
export const maxInStatement = 500;

export async function addRows(transaction: Open, deliveries: readonly WebhookDelivery[]): Promise<void> {
  for (let first = 0; first < deliveries.length; first += maxInStatement) await addSome(transaction, deliveries.slice(first, first + maxInStatement));
}

async function addSome(transaction: Open, deliveries: readonly WebhookDelivery[]): Promise<void> {
  const added = new Map<string, number>();
  for (const { lane } of deliveries) added.set(lane, (added.get(lane) ?? 0) + 1);
  const endpoints = new Map(deliveries.map(({ lane, endpoint }) => [lane, endpoint]));
  const now = Date.now();
  const lanes = [...added].sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([lane, count]): LaneRow => ({ lane, endpoint: endpoints.get(lane)!, due_at: now, owner: null, last: count, attempts: 0, failing_since: null }));
  const rows = await transaction.insertInto("guard_webhook_lanes").values(lanes)
    .onConflict((conflict) => conflict.column("lane").doUpdateSet((row) => ({ last: row("guard_webhook_lanes.last", "+", row.ref("excluded.last")) })))
    .returning(["lane", "last"]).execute();
  const next = new Map(rows.map(({ lane, last }) => [lane, Number(last) - added.get(lane)!]));
  const numbered = deliveries.map((delivery): DeliveryRow => {
    const number = next.get(delivery.lane)! + 1;
    next.set(delivery.lane, number);
    return { ...rowOf(delivery), number };
  });
  await transaction.insertInto("guard_webhook_deliveries").values(numbered).onConflict((conflict) => conflict.column("key").doNothing()).execute();
}

export async function buryRows(transaction: Open, rows: readonly DeadRow[]): Promise<void> {
  for (let first = 0; first < rows.length; first += maxInStatement) {
    await transaction.insertInto("guard_webhook_dead_letters").values(rows.slice(first, first + maxInStatement)).onConflict((conflict) => conflict.column("key").doNothing()).execute();
  }
}

export async function firstDeliveries(transaction: Open, lanes: readonly string[]): Promise<DeliveryRow[]> {
  if (lanes.length === 0) return [];
  return transaction.selectFrom("guard_webhook_deliveries as first").selectAll().where("first.lane", "in", lanes)
    .where("first.number", "=", (select) => select.selectFrom("guard_webhook_deliveries as own").whereRef("own.lane", "=", "first.lane").select((own) => own.fn.min("own.number").as("number")))
    .execute();
}

// The body is JSON, in which NUL and lone surrogates are escaped.
function rowOf({ key, id, endpoint, lane, type, subject, body, createdAt }: WebhookDelivery): Omit<DeliveryRow, "number"> {
  return { key, id, endpoint, lane, type, subject: subject === null ? null : escapeText(subject), body, created_at: createdAt };
}

export function deadRow(delivery: WebhookDelivery, now: number, attempts: number, reason: string): DeadRow {
  return { ...rowOf(delivery), died_at: now, attempts, reason };
}

export function deliveryOf(row: Omit<DeliveryRow, "number">): WebhookDelivery {
  return { key: row.key, id: row.id, endpoint: row.endpoint, lane: row.lane, type: row.type, subject: subjectOf(row), body: row.body, createdAt: row.created_at };
}

export function subjectOf({ subject }: { readonly subject: string | null }): string | null {
  return subject === null ? null : unescapeText(subject);
}
