/** A limit, the windows in which it counts, and that it was reached. */
import { denial, type DenialDetails } from "../protocol.js";
import { Refusal } from "../refusal.js";
import type { Windows } from "./windows.js";

/** Which limit it is: that of the rule of an event or of a published one, or the one of this name in `limits`. */
export type LimitName = "event" | "room" | "connection" | "address" | "user" | "server";

export interface Limit {
  readonly name: LimitName;
  readonly windows: Windows;
  /** Which of a sender's keys it counts by. */
  readonly keyIndex: number;
  /** What it is called in a store that several nodes share, such as "event message". */
  readonly sharedName: string;
}

/** What an event counts in. */
export interface EventLimits {
  /** Those that this node counts alone. */
  readonly local: readonly Limit[];
  /** Those that all nodes count together. */
  readonly shared: readonly Limit[];
}

export const unlimited: EventLimits = { local: [], shared: [] };

/** That a limit is reached. */
export interface LimitHit {
  readonly limit: Limit;
  /** Whole milliseconds until there is a place again. */
  readonly wait: number;
}

/** An event is denied because a limit is reached. */
export class LimitRefusal extends Refusal {
  readonly hit: LimitHit;

  constructor(hit: LimitHit, details: Pick<DenialDetails, "event" | "room">) {
    const { limit: { name, windows: { rate } }, wait } = hit;
    super(denial("rate_limited", { ...details, retryAfter: wait }), `the limit "${name}" of ${rate.text} is reached`);
    this.hit = hit;
  }
}
