/** webhooks(): events become deliveries in a durable queue, and this node and others make them. */
import type { WebhookEvent, WebhookRecord } from "./event.js";
import { readWebhooksOptions, type WebhooksOptions } from "./options.js";
import type { WebhookDeadLetter } from "./queue.js";
import { WebhookSender, type WebhookStats } from "./sender.js";

/** What webhooks() returns: a sink for `audit.sinks`, and methods for events of your own. */
export interface Webhooks {
  /**
   * Queues audit records for the endpoints that want them. A record that is given again, because a write has failed, keeps its id.
   * @throws GuardError (the promise rejects) `store_unavailable`, `webhooks_full`, `webhooks_closed`
   */
  write(records: readonly WebhookRecord[]): Promise<void>;
  /**
   * Queues an event of your own. Resolves with its id when the store has it: from then on it is delivered at least once, or becomes a dead letter.
   * @throws GuardError (the promise rejects) `option_invalid`, `store_unavailable`, `webhooks_full`, `webhooks_closed`
   */
  send(event: WebhookEvent): Promise<string>;
  /** The oldest dead letters. @param options.limit how many. Default 100 @throws GuardError (the promise rejects) `store_unavailable` */
  deadLetters(options?: { readonly limit?: number }): Promise<readonly WebhookDeadLetter[]>;
  /** Queues the dead letters with these ids again, with the same `webhook-id`. Resolves with how many. @throws GuardError (the promise rejects) `store_unavailable`, `webhooks_closed` */
  replay(ids: readonly string[]): Promise<number>;
  /** @throws GuardError (the promise rejects) `store_unavailable` */
  stats(): Promise<WebhookStats>;
  /** Stops delivering. Resolves when what is being delivered is settled. What is queued is left to other nodes, or to the next start. */
  close(): Promise<void>;
}

/**
 * Sends what happens to other servers: as POSTs that are signed by Standard Webhooks, at least once, in order for each subject,
 * again and again for `retryFor`. Several nodes with one store share the work. It delivers from now on until `close()`.
 * @throws GuardError `option_invalid`, `option_unknown`, `option_undefined`
 */
export function webhooks(options: WebhooksOptions): Webhooks {
  const sender = new WebhookSender(readWebhooksOptions(options));
  return Object.freeze<Webhooks>({
    write: (records) => sender.write(records),
    send: (event) => sender.send(event),
    deadLetters: (how) => sender.deadLetters(how?.limit),
    replay: (ids) => sender.replay(ids),
    stats: () => sender.stats(),
    close: () => sender.close(),
  });
}
