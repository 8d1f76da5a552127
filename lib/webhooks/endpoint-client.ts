/** One endpoint at work: signs what it is sent, counts, and tells the host what fails. */
import { callListener } from "../callbacks.js";
import { FailureWarnings } from "../failure-warnings.js";
import { GuardError } from "../guard-error.js";
import { signatureOf } from "../signer/signature.js";
import type { Endpoint, WebhooksConfig } from "./options.js";
import { Poster, type PostResult } from "./post.js";
import { publicLookup } from "./public-address.js";
import type { WebhookDelivery } from "./queue.js";

export class EndpointClient {
  readonly name: string;
  /** Deliveries that were made, and attempts that failed, since the start. */
  delivered = 0;
  failed = 0;
  /** Deliveries that are being made now. */
  busy = 0;
  readonly #endpoint: Endpoint;
  readonly #poster: Poster;
  readonly #onError: WebhooksConfig["onError"];
  readonly #warnings: FailureWarnings;

  constructor(endpoint: Endpoint, { timeout, concurrency, allowPrivate, onError }: WebhooksConfig, lookup = publicLookup()) {
    this.name = endpoint.name;
    this.#endpoint = endpoint;
    this.#poster = new Poster({ url: endpoint.url, timeout, maxConnections: concurrency, lookup: allowPrivate ? undefined : lookup });
    this.#onError = onError;
    this.#warnings = new FailureWarnings({ code: "WEBHOOK_FAILED", recovered: `The webhook endpoint ${endpoint.name} works again.` });
  }

  /** Makes one attempt. Never rejects. */
  async post({ id, body }: WebhookDelivery): Promise<PostResult> {
    const { sign, pusher } = this.#endpoint;
    const headers = { ...sign(body, id), ...(pusher !== undefined && { "x-pusher-key": pusher.key, "x-pusher-signature": signatureOf(body, pusher.secret) }) };
    const result = await this.#poster.post(body, headers);
    if (result.isDelivered) this.#succeeded();
    else this.failed += 1;
    return result;
  }

  /** An attempt has failed: the delivery is made again. */
  retries({ reason }: PostResult): void {
    this.#tell(new GuardError("webhook_failed", `The webhook endpoint ${this.name} failed: ${reason}. The event will be sent again.`));
  }

  /** An attempt has failed for the last time. */
  buries({ reason }: PostResult): void {
    this.#tell(new GuardError("webhook_dead", `An event for the webhook endpoint ${this.name} could not be delivered: ${reason}. It is a dead letter now: see deadLetters() and replay().`));
  }

  /** The backlog is full: an event has become a dead letter at once. */
  isFull(): void {
    this.#tell(new GuardError("webhook_dead", `The backlog of the webhook endpoint ${this.name} is full. New events are dead letters at once: see deadLetters() and replay().`));
  }

  close(): void {
    this.#poster.close();
  }

  #succeeded(): void {
    this.delivered += 1;
    this.#warnings.succeeded();
  }

  #tell(error: GuardError): void {
    const onError = this.#onError;
    if (onError !== undefined) callListener(() => onError(error));
    else this.#warnings.failed(`${error.message} Further failures are not shown. Use the option \`onError\` of webhooks() to see each one.`);
  }
}
