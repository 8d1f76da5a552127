/** How full the queue is. A count of the store is used for a second, so that not each event counts all deliveries. */
import type { WebhookQueue } from "./queue.js";

const usedFor = 1_000;

export class Backlog {
  readonly #queue: WebhookQueue;
  readonly #names: readonly string[];
  readonly #most: number;
  #counted: Promise<Map<string, number>> | undefined = undefined;
  #countedAt = -Infinity;

  constructor(queue: WebhookQueue, names: readonly string[], most: number) {
    this.#queue = queue;
    this.#names = names;
    this.#most = most;
  }

  /** Whether an endpoint has no room for another delivery. What this node adds meanwhile counts, too. @throws what the store rejects with */
  async fullness(): Promise<(endpoint: string) => boolean> {
    const counts = await this.#counts();
    return (endpoint) => {
      const count = counts.get(endpoint) ?? 0;
      counts.set(endpoint, count + 1);
      return count >= this.#most;
    };
  }

  /** All callers share a count that is under way, so that none overtakes another. */
  #counts(): Promise<Map<string, number>> {
    if (this.#counted !== undefined && performance.now() - this.#countedAt < usedFor) return this.#counted;
    this.#countedAt = Infinity;
    this.#counted = this.#count().finally(() => { this.#countedAt = performance.now(); });
    this.#counted.catch(() => { this.#counted = undefined; });
    return this.#counted;
  }

  async #count(): Promise<Map<string, number>> {
    const counts = await this.#queue.counts(this.#names);
    return new Map(counts.map(({ backlog }, place) => [this.#names[place]!, backlog]));
  }
}
