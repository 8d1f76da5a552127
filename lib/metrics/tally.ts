/** Counts the verdicts on one declared event. A client cannot make a tally: there is one for each event that the host declares, and one for all others. */
import type { DenialCode } from "../protocol.js";
import { labelOf } from "./denial-code.js";

/** What became of an event: "allowed", or the code of its denial. "other": a code that the host has made up. */
export type VerdictCode = "allowed" | DenialCode | "other";

/** How many events were denied with one code. */
interface Denied {
  readonly code: DenialCode | "other";
  count: number;
}

export class Tally {
  /** The name that it is declared under, "undeclared", or one of the guard's own events. */
  readonly event: string;
  /** The gate adds to this for each event that reaches its handlers. */
  allowed = 0;
  readonly #denied = new Map<Denied["code"], Denied>();
  // In a flood, one denial is like the one before.
  #last: Denied | undefined = undefined;

  constructor(event: string) {
    this.event = event;
  }

  denied(code: string): void {
    if (this.#last === undefined || this.#last.code !== code) this.#last = this.#deniedAs(labelOf(code));
    this.#last.count += 1;
  }

  #deniedAs(code: DenialCode | "other"): Denied {
    let denied = this.#denied.get(code);
    if (denied === undefined) this.#denied.set(code, denied = { code, count: 0 });
    return denied;
  }

  /** How many were denied, with any code. */
  get allDenied(): number {
    let sum = 0;
    for (const { count } of this.#denied.values()) sum += count;
    return sum;
  }

  /** The counts that are not 0. */
  *counts(): Iterable<[code: VerdictCode, count: number]> {
    if (this.allowed > 0) yield ["allowed", this.allowed];
    for (const { code, count } of this.#denied.values()) yield [code, count];
  }
}

/** All tallies of a guard. Rules that are replaced go on with the tally of their event. */
export class Tallies {
  readonly #tallies = new Map<string, Tally>();

  /** Only for names that the host or the guard has chosen. */
  of(event: string): Tally {
    let tally = this.#tallies.get(event);
    if (tally === undefined) this.#tallies.set(event, tally = new Tally(event));
    return tally;
  }

  [Symbol.iterator](): Iterator<Tally> {
    return this.#tallies.values();
  }
}
