/** Queues events for the endpoints that want them, and answers how far their deliveries are. */
import { FailureWarnings } from "../failure-warnings.js";
import { callListener } from "../callbacks.js";
import { GuardError } from "../guard-error.js";
import { Poller } from "../poller.js";
import { withTimeout } from "../timeout.js";
import { Backlog } from "./backlog.js";
import { Batches } from "./batches.js";
import { Dispatcher } from "./dispatcher.js";
import { EndpointClient } from "./endpoint-client.js";
import { deliveriesOf, eventOf, eventOfRecord, type MadeEvent, type WebhookEvent, type WebhookRecord } from "./event.js";
import type { WebhooksConfig } from "./options.js";
import type { WebhookDeadLetter, WebhookDelivery, WebhookQueue } from "./queue.js";

/** How much is to be delivered, and what this node has done. */
export interface WebhookStats {
  /** How many deliveries wait. */
  readonly backlog: number;
  /** How many dead letters there are. */
  readonly dead: number;
  /** The age of the oldest delivery that waits, in milliseconds; 0 if none does. */
  readonly oldestAge: number;
  readonly endpoints: readonly (Pick<WebhookStats, "backlog" | "dead" | "oldestAge"> & {
    readonly name: string;
    /** How many deliveries this node has made since its start. */
    readonly delivered: number;
    /** How many attempts of this node have failed since its start. */
    readonly failed: number;
  })[];
}

const addedAtOnce = 500;
const storeTimeout = 10_000;
const cleanInterval = 60_000;

export class WebhookSender {
  readonly #config: WebhooksConfig;
  readonly #endpoints: readonly EndpointClient[];
  readonly #dispatcher: Dispatcher;
  readonly #backlog: Backlog;
  readonly #cleaner: Poller;
  readonly #adding: Batches<WebhookDelivery, void>;
  readonly #burying: Batches<WebhookDelivery, void>;
  /** The audit log gives the same object again if a write has failed. */
  readonly #eventsByRecord = new WeakMap<WebhookRecord, MadeEvent>();
  readonly #warnings = new FailureWarnings({ code: "WEBHOOK_STORE_FAILED", recovered: "The store of webhooks works again." });
  #isClosed = false;

  constructor(config: WebhooksConfig) {
    const queue = config.store;
    this.#config = config;
    this.#endpoints = config.endpoints.map((endpoint) => new EndpointClient(endpoint, config));
    this.#dispatcher = new Dispatcher({
      queue, endpoints: this.#endpoints, concurrency: config.concurrency, timeout: config.timeout, retryFor: config.retryFor,
      onStoreError: (error) => void this.#storeFailed(error), onStoreRecovered: () => this.#warnings.succeeded(),
    });
    this.#backlog = new Backlog(queue, this.#names, config.maxBacklog);
    this.#adding = new Batches((deliveries) => queue.add(deliveries).then(() => deliveries.map(() => undefined)), addedAtOnce);
    this.#burying = new Batches((deliveries) => queue.bury(deliveries, "the backlog was full").then(() => deliveries.map(() => undefined)), addedAtOnce);
    this.#cleaner = new Poller({ task: () => this.#removeDeadLetters(), interval: cleanInterval });
    this.#cleaner.runIn(cleanInterval);
    this.#dispatcher.wake();
  }

  async write(records: readonly WebhookRecord[]): Promise<void> {
    await this.#queueAll(records.filter(({ type }) => this.#config.endpoints.some((endpoint) => endpoint.wants(type))).map((record) => this.#eventOf(record)));
  }

  async send(event: WebhookEvent): Promise<string> {
    const made = eventOf(event);
    await this.#queueAll([made]);
    return made.id;
  }

  async deadLetters(limit = 100): Promise<readonly WebhookDeadLetter[]> {
    return this.#ask((queue) => queue.deadLetters(limit));
  }

  async replay(ids: readonly string[]): Promise<number> {
    this.#mustBeOpen();
    const replayed = await this.#ask((queue) => queue.replay(ids, this.#names));
    this.#dispatcher.wake();
    return replayed;
  }

  async stats(): Promise<WebhookStats> {
    const counts = await this.#ask((queue) => queue.counts(this.#names));
    const now = Date.now();
    const endpoints = this.#endpoints.map(({ name, delivered, failed }, place) => {
      const { backlog, dead, oldest } = counts[place]!;
      return { name, backlog, dead, oldestAge: oldest === null ? 0 : Math.max(0, now - oldest), delivered, failed };
    });
    const sum = (of: (endpoint: typeof endpoints[number]) => number) => endpoints.reduce((total, endpoint) => total + of(endpoint), 0);
    return { backlog: sum(({ backlog }) => backlog), dead: sum(({ dead }) => dead), oldestAge: Math.max(0, ...endpoints.map(({ oldestAge }) => oldestAge)), endpoints };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cleaner.stop();
    await Promise.all([this.#dispatcher.close(), this.#adding.idle(), this.#burying.idle()]);
    for (const endpoint of this.#endpoints) endpoint.close();
  }

  get #names(): readonly string[] {
    return this.#config.endpoints.map(({ name }) => name);
  }

  #eventOf(record: WebhookRecord): MadeEvent {
    const known = this.#eventsByRecord.get(record);
    if (known !== undefined) return known;
    const made = eventOfRecord(record);
    this.#eventsByRecord.set(record, made);
    return made;
  }

  async #queueAll(events: readonly MadeEvent[]): Promise<void> {
    this.#mustBeOpen();
    const deliveries = events.flatMap((event) => deliveriesOf(event, this.#config.endpoints));
    if (deliveries.length === 0) return;
    await this.#ask(async () => {
      const isFull = await this.#backlog.fullness();
      const refused = deliveries.filter(({ endpoint }) => isFull(endpoint));
      if (refused.length > 0) this.#refuse(refused);
      const left = new Set(refused);
      await Promise.all([...deliveries.filter((delivery) => !left.has(delivery)).map((delivery) => this.#adding.add(delivery)), ...refused.map((delivery) => this.#burying.add(delivery))]);
    });
    this.#dispatcher.wake();
  }

  /** @throws GuardError `webhooks_full` */
  #refuse(deliveries: readonly WebhookDelivery[]): void {
    if (this.#config.onFull === "reject") throw new GuardError("webhooks_full", `The backlog of the webhook endpoint ${deliveries[0]!.endpoint} is full. Find out why it fails, or raise \`maxBacklog\`.`);
    const names = new Set(deliveries.map(({ endpoint }) => endpoint));
    for (const endpoint of this.#endpoints) if (names.has(endpoint.name)) endpoint.isFull();
  }

  async #removeDeadLetters(): Promise<void> {
    const { deadLetterLifetime, maxDeadLetters } = this.#config;
    const removed = await this.#ask((queue) => queue.removeDeadLetters(Date.now() - deadLetterLifetime, maxDeadLetters));
    if (removed > 0) this.#tell(new GuardError("webhook_dead_letters_full", `There were more than ${maxDeadLetters} dead letters. The ${removed} oldest were removed.`));
  }

  /** @throws GuardError `store_unavailable`, and those that `question` throws */
  async #ask<Answer>(question: (queue: WebhookQueue) => Promise<Answer>): Promise<Answer> {
    try {
      return await withTimeout({ ms: storeTimeout, message: "The store of webhooks did not answer in time." }, () => question(this.#config.store));
    } catch (error) {
      throw error instanceof GuardError ? error : this.#storeFailed(error);
    }
  }

  #storeFailed(cause: unknown): GuardError {
    const error = new GuardError("store_unavailable", "The store of webhooks cannot be used. The cause of this error says why.", { cause });
    this.#tell(error);
    return error;
  }

  #tell(error: GuardError): void {
    const { onError } = this.#config;
    if (onError !== undefined) callListener(() => onError(error));
    else this.#warnings.failed(`${error.message} Further failures are not shown. Use the option \`onError\` of webhooks() to see each one.`, error.cause instanceof Error ? error.cause.stack : "");
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw new GuardError("webhooks_closed", "These webhooks were closed. Send before close().");
  }
}
