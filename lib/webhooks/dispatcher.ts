/** Makes the deliveries of the queue: claims lanes that are due, and makes the deliveries of each lane one after the other. */
import { Poller } from "../poller.js";
import { withTimeout } from "../timeout.js";
import { Batches } from "./batches.js";
import type { EndpointClient } from "./endpoint-client.js";
import type { PostResult } from "./post.js";
import type { ClaimedDelivery, SettledDelivery, WebhookQueue } from "./queue.js";
import { nextAttempt } from "./retry.js";

export interface DispatcherOptions {
  readonly queue: WebhookQueue;
  readonly endpoints: readonly EndpointClient[];
  /** How many deliveries are made to one endpoint at the same time. */
  readonly concurrency: number;
  /** Milliseconds for one attempt. */
  readonly timeout: number;
  /** Milliseconds. */
  readonly retryFor: number;
  readonly onStoreError: (error: unknown) => void;
  readonly onStoreRecovered: () => void;
}

// At most this many deliveries are made by a node at the same time.
const maxInAll = 100;
// Other nodes add deliveries, and leases end.
const pollInterval = 1_000;
// Then another lane of the endpoint has its turn.
const longestRun = 20;
const settledAtOnce = 200;
const storeTimeout = 10_000;

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #endpoints: ReadonlyMap<string, EndpointClient>;
  readonly #lease: number;
  readonly #poller: Poller;
  readonly #settling: Batches<SettledDelivery, ClaimedDelivery | undefined>;
  readonly #running = new Set<Promise<void>>();
  #isClosed = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#endpoints = new Map(options.endpoints.map((endpoint) => [endpoint.name, endpoint]));
    // Longer than the two attempts that a stale connection costs. After a node was killed, the others wait for this long.
    this.#lease = 3 * options.timeout;
    this.#poller = new Poller({ task: () => this.#claim(), interval: pollInterval });
    this.#settling = new Batches((settled) => this.#ask(() => options.queue.settle(settled, this.#lease)), settledAtOnce);
  }

  /** Looks for deliveries that are due: at once, if a poll is not under way. */
  wake(): void {
    if (!this.#isClosed) void this.#poller.run().catch(() => undefined);
  }

  /** Begins no further delivery. Settles when those that are being made have been settled. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#poller.stop();
    await this.#poller.running?.catch(() => undefined);
    await Promise.all(this.#running);
  }

  async #claim(): Promise<void> {
    if (this.#isClosed) return;
    const free = this.#freeSlots();
    if (free.length === 0) return;
    const claimed = await this.#ask(() => this.#options.queue.claim(free, this.#lease));
    for (const claim of claimed) this.#start(claim);
  }

  #freeSlots(): { readonly name: string; readonly limit: number }[] {
    let left = maxInAll - this.#running.size;
    const slots = [];
    for (const { name, busy } of this.#endpoints.values()) {
      const limit = Math.min(this.#options.concurrency - busy, left);
      if (limit > 0) slots.push({ name, limit });
      left -= Math.max(limit, 0);
    }
    return slots;
  }

  #start(claim: ClaimedDelivery): void {
    const endpoint = this.#endpoints.get(claim.delivery.endpoint)!;
    endpoint.busy += 1;
    const running = this.#deliverLane(endpoint, claim).finally(() => {
      endpoint.busy -= 1;
      this.#running.delete(running);
      this.wake();
    });
    this.#running.add(running);
  }

  async #deliverLane(endpoint: EndpointClient, first: ClaimedDelivery): Promise<void> {
    let claim: ClaimedDelivery | undefined = first;
    for (let count = 1; claim !== undefined; count += 1) {
      const result = await endpoint.post(claim.delivery);
      claim = await this.#settle(this.#outcomeOf(endpoint, claim, result, count < longestRun && !this.#isClosed));
    }
  }

  #outcomeOf(endpoint: EndpointClient, claim: ClaimedDelivery, result: PostResult, keep: boolean): SettledDelivery {
    if (result.isDelivered) return { ...claim, outcome: "delivered", failingSince: null, delay: 0, reason: "", keep };
    const now = Date.now();
    const next = result.isFinal ? "dead" : nextAttempt(claim, now, result.retryAfter, this.#options.retryFor);
    const failed = { ...claim, failingSince: claim.failingSince ?? now, attempts: claim.attempts + 1, reason: result.reason };
    if (next === "dead") {
      endpoint.buries(result);
      return { ...failed, outcome: "dead", delay: 0, keep };
    }
    endpoint.retries(result);
    return { ...failed, outcome: "retry", delay: next, keep: false };
  }

  /** The next delivery of the lane. If the store fails for so long that the lease ends, the delivery will be made again. */
  async #settle(settled: SettledDelivery): Promise<ClaimedDelivery | undefined> {
    const until = performance.now() + this.#lease;
    for (;;) {
      try {
        const next = await this.#settling.add(settled);
        if (settled.outcome === "retry") this.#wakeIn(settled.delay);
        return next;
      } catch {
        if (performance.now() + pollInterval > until) return undefined;
        await new Promise((resolve) => void setTimeout(resolve, pollInterval));
      }
    }
  }

  /** A poll is too late for a short delay. */
  #wakeIn(delay: number): void {
    if (delay < pollInterval) setTimeout(() => this.wake(), delay + 1).unref();
  }

  async #ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    try {
      const answer = await withTimeout({ ms: storeTimeout, message: "The store of webhooks did not answer in time." }, question);
      this.#options.onStoreRecovered();
      return answer;
    } catch (error) {
      this.#options.onStoreError(error);
      throw error;
    }
  }
}
