/** The queue of webhooks in Redis. Each method is one script, or one for each thousand, so that it is atomic. */
import { randomUUID } from "node:crypto";
import type { ClaimedDelivery, SettledDelivery, WebhookCounts, WebhookDeadLetter, WebhookDelivery, WebhookQueue } from "../webhooks/queue.js";
import type { RunScript } from "./client.js";
import { addScript, buryScript, claimScript, countsScript, deadLettersScript, findLettersScript, removeScript, replayScript, settleScript } from "./webhook-scripts.js";

// Redis does nothing else while a script runs, and Lua takes a bounded number of arguments.
const maxInScript = 500;

/** A dead letter as it is stored, with what makes a delivery of it again. */
type Letter = Omit<WebhookDeadLetter, "diedAt"> & Pick<WebhookDelivery, "key" | "lane">;

export class RedisWebhooks implements WebhookQueue {
  readonly #run: RunScript;
  readonly #key: string;

  constructor(run: RunScript, key: string) {
    this.#run = run;
    this.#key = key;
  }

  async add(deliveries: readonly WebhookDelivery[]): Promise<void> {
    for (const some of parts(deliveries)) await this.#addBy(addScript, some);
  }

  async bury(deliveries: readonly WebhookDelivery[], reason: string): Promise<void> {
    for (const some of parts(deliveries)) await this.#run(buryScript, this.#keys([]), some.flatMap((delivery) => [delivery.key, letterOf(delivery, 0, reason)]));
  }

  async claim(endpoints: readonly { readonly name: string; readonly limit: number }[], lease: number): Promise<readonly ClaimedDelivery[]> {
    const owner = randomUUID();
    const fields = await this.#run(claimScript, this.#keys(endpoints.map(({ name }) => name)), [owner, String(lease), ...endpoints.map(({ limit }) => String(limit))]);
    return parts(fields, 3).map(([attempts, failing, text]) => ({ delivery: JSON.parse(text!) as WebhookDelivery, owner, attempts: Number(attempts), failingSince: failing === "-" ? null : Number(failing) }));
  }

  async settle(settled: readonly SettledDelivery[], lease: number): Promise<readonly (ClaimedDelivery | undefined)[]> {
    const next: (ClaimedDelivery | undefined)[] = [];
    for (const some of parts(settled)) next.push(...await this.#settle(some, lease));
    return next;
  }

  async deadLetters(limit: number): Promise<readonly WebhookDeadLetter[]> {
    return lettersOf(await this.#run(deadLettersScript, this.#keys([]), [String(limit)])).map(({ key: _, lane: __, ...letter }) => letter);
  }

  async replay(ids: readonly string[], endpoints: readonly string[]): Promise<number> {
    let replayed = 0;
    for (const some of parts(ids.flatMap((id) => endpoints.map((endpoint) => `${id} ${endpoint}`)))) replayed += await this.#replay(some);
    return replayed;
  }

  async removeDeadLetters(before: number, most: number): Promise<number> {
    let removed = 0;
    for (;;) {
      const [tooMany, isFull] = await this.#run(removeScript, this.#keys([]), [String(before), String(most), String(maxInScript)]);
      removed += Number(tooMany);
      if (isFull === "0") return removed;
    }
  }

  async counts(endpoints: readonly string[]): Promise<readonly WebhookCounts[]> {
    const fields = await this.#run(countsScript, this.#keys(endpoints), endpoints);
    return parts(fields, 3).map(([backlog, oldest, dead]) => ({ backlog: Number(backlog), dead: Number(dead), oldest: oldest === "" ? null : Number(oldest) }));
  }

  /** The keys that the scripts share, and two for each endpoint. */
  #keys(endpoints: readonly string[]): string[] {
    const shared = ["lanes", "deliveries", "order", "dead", "letters", "dead-counts"].map((name) => `${this.#key}:${name}`);
    return [...shared, ...endpoints.flatMap((name) => [`${this.#key}:due:${name}`, `${this.#key}:age:${name}`])];
  }

  #addBy(script: string, deliveries: readonly WebhookDelivery[]): Promise<readonly string[]> {
    const names = namesOf(deliveries);
    return this.#run(script, this.#keys(names), deliveries.flatMap((delivery) => [placeOf(delivery, names), delivery.key, delivery.lane, String(delivery.createdAt), JSON.stringify(delivery)]));
  }

  async #settle(settled: readonly SettledDelivery[], lease: number): Promise<(ClaimedDelivery | undefined)[]> {
    const names = namesOf(settled.map(({ delivery }) => delivery));
    const args = settled.flatMap(({ delivery, owner, outcome, attempts, failingSince, delay, keep, reason }) => [
      placeOf(delivery, names), delivery.key, delivery.lane, owner, outcome, String(attempts), failingSince === null ? "-" : String(failingSince), String(delay), keep ? "1" : "0",
      outcome === "dead" ? letterOf(delivery, attempts, reason) : "",
    ]);
    const texts = await this.#run(settleScript, this.#keys(names), [String(lease), ...args]);
    return settled.map(({ owner, failingSince }, place) => {
      const text = texts[place]!;
      return text === "" ? undefined : { delivery: JSON.parse(text) as WebhookDelivery, owner, attempts: 0, failingSince };
    });
  }

  async #replay(keys: readonly string[]): Promise<number> {
    const letters = lettersOf(await this.#run(findLettersScript, this.#keys([]), keys));
    if (letters.length === 0) return 0;
    const inOrder = letters.sort((one, other) => one.diedAt - other.diedAt || one.createdAt - other.createdAt);
    const createdAt = Date.now();
    const [count] = await this.#addBy(replayScript, inOrder.map(({ key, id, endpoint, lane, type, subject, body }) => ({ key, id, endpoint, lane, type, subject, body, createdAt })));
    return Number(count);
  }
}

function namesOf(deliveries: readonly WebhookDelivery[]): string[] {
  return [...new Set(deliveries.map(({ endpoint }) => endpoint))];
}

/** Lua counts from 1. */
function placeOf({ endpoint }: WebhookDelivery, names: readonly string[]): string {
  return String(names.indexOf(endpoint) + 1);
}

function letterOf({ key, id, endpoint, lane, type, subject, body, createdAt }: WebhookDelivery, attempts: number, reason: string): string {
  return JSON.stringify({ key, lane, id, endpoint, type, subject, body, createdAt, attempts, reason } satisfies Letter);
}

/** From two strings for each: when it died, and the letter. */
function lettersOf(fields: readonly string[]): (Letter & { readonly diedAt: number })[] {
  return parts(fields, 2).flatMap(([diedAt, text]) => (text === "" ? [] : [{ ...JSON.parse(text!) as Letter, diedAt: Number(diedAt) }]));
}

function parts<Item>(items: readonly Item[], size = maxInScript): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, part) => items.slice(part * size, (part + 1) * size));
}
