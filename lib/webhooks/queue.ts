/** The queue of what is still to be delivered: what it keeps, and what a store of it does. `sqlWebhooks` and `redisWebhooks` are the stores. */

/** One event for one endpoint. */
export interface WebhookDelivery {
  /** The id and the name of the endpoint. The queue keeps one delivery for each key. */
  readonly key: string;
  /** Is sent as `webhook-id`: the same in each attempt, and for each endpoint. */
  readonly id: string;
  /** The name of the endpoint. */
  readonly endpoint: string;
  /** Deliveries of the same lane are made one after the other: those for one subject and one endpoint. Hexadecimal. */
  readonly lane: string;
  readonly type: string;
  readonly subject: string | null;
  readonly body: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** A delivery that this node alone makes, until its lease ends. */
export interface ClaimedDelivery {
  readonly delivery: WebhookDelivery;
  /** Another one for each claim: who has lost its lease can settle nothing. */
  readonly owner: string;
  /** How often it has failed already. */
  readonly attempts: number;
  /** Since when its lane has failed without one success: epoch milliseconds. */
  readonly failingSince: number | null;
}

/** What became of a claimed delivery. */
export interface SettledDelivery extends ClaimedDelivery {
  readonly outcome: "delivered" | "retry" | "dead";
  /** Of a delivery that is made again: milliseconds until then. */
  readonly delay: number;
  /** Of a dead letter: why the last attempt failed. */
  readonly reason: string;
  /** Keeps the lane and claims its next delivery. */
  readonly keep: boolean;
}

/** A delivery that has failed for too long. It stays in the store until it is replayed, or too old. */
export interface WebhookDeadLetter {
  readonly id: string;
  readonly endpoint: string;
  readonly type: string;
  readonly subject: string | null;
  /** What was POSTed: JSON. */
  readonly body: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly diedAt: number;
  readonly attempts: number;
  /** Why the last attempt failed, such as "status 500". */
  readonly reason: string;
}

/** How much the queue holds for one endpoint. */
export interface WebhookCounts {
  readonly backlog: number;
  readonly dead: number;
  /** When the oldest delivery of the backlog was created: epoch milliseconds. */
  readonly oldest: number | null;
}

/** Keeps deliveries for any number of nodes. Each method is atomic. */
export interface WebhookQueue {
  /** Adds deliveries at the end of their lanes, in this order. Those whose key is there already are left out. */
  add(deliveries: readonly WebhookDelivery[]): Promise<void>;
  /** Adds dead letters that were never attempted. */
  bury(deliveries: readonly WebhookDelivery[], reason: string): Promise<void>;
  /** Claims the first deliveries of lanes that are due and that nobody holds, at most `limit` for each endpoint. @param lease milliseconds */
  claim(endpoints: readonly { readonly name: string; readonly limit: number }[], lease: number): Promise<readonly ClaimedDelivery[]>;
  /** Ends claims. For each, returns the next delivery of its lane if that is kept. Claims that have lost their lease are left out. */
  settle(settled: readonly SettledDelivery[], lease: number): Promise<readonly (ClaimedDelivery | undefined)[]>;
  /** The oldest first. */
  deadLetters(limit: number): Promise<readonly WebhookDeadLetter[]>;
  /** Moves the dead letters with these ids to the end of their lanes, as if they were new. Returns how many. */
  replay(ids: readonly string[], endpoints: readonly string[]): Promise<number>;
  /** Removes the dead letters that died before an instant, then the oldest of more than `most`. Returns how many were too many. */
  removeDeadLetters(before: number, most: number): Promise<number>;
  /** In the order of the endpoints. */
  counts(endpoints: readonly string[]): Promise<readonly WebhookCounts[]>;
}
