/** What `webhooks()` counts, as far as metrics tell it. */

/** One endpoint. */
export interface EndpointCounts {
  readonly name: string;
  /** How many deliveries wait. */
  readonly backlog: number;
  /** How many dead letters there are. */
  readonly dead: number;
  /** The age of the oldest delivery that waits, in milliseconds. */
  readonly oldestAge: number;
  /** How many deliveries this node has made. */
  readonly delivered: number;
  /** How many attempts of this node have failed. */
  readonly failed: number;
}

/** The result of `webhooks()`. */
export interface CountedWebhooks {
  /** What is counted now. If it rejects, the metrics of webhooks are left out. */
  stats(): Promise<{ readonly endpoints: readonly EndpointCounts[] }>;
}

/** Empty without webhooks, and if their store cannot be read: the other metrics must not fail with it. */
export async function webhookCounts(webhooks: CountedWebhooks | undefined): Promise<readonly EndpointCounts[]> {
  if (webhooks === undefined) return [];
  try {
    return (await webhooks.stats()).endpoints;
  } catch {
    return [];
  }
}
