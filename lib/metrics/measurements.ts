/** What a guard counts and measures. */
import { guardPrefix, type DenialCode } from "../protocol.js";
import { Counter } from "./counter.js";
import { labelOf } from "./denial-code.js";
import { Durations } from "./durations.js";
import type { DecisionObserver } from "./observer.js";
import { Tallies, type VerdictCode } from "./tally.js";

/** What became of a handshake: "connected", or the code of its refusal. "other": a code that the host has made up. */
export type HandshakeCode = "connected" | DenialCode | "other";

/** The method of handshakes that no authenticator has answered. */
export const noMethod = "none";

export class Measurements {
  readonly tallies = new Tallies();
  readonly handshakes = new Counter<[method: string, code: HandshakeCode]>(["other", "other"]);
  readonly limitHits = new Counter<[limit: string]>(["other"]);
  readonly durations = new Durations();
  /** Handshakes that are asked about now. */
  pendingHandshakes = 0;
  /** Packets that wait behind an asynchronous check. */
  waiting = 0;
  /** Memberships of rooms that clients have joined through the guard. */
  memberships = 0;
  /** Told of each decision. Undefined unless the guard is traced. */
  observer: DecisionObserver | undefined = undefined;
  #refused = 0;

  connected(method: string): void {
    this.handshakes.add(method, "connected");
  }

  /** A handshake or an HTTP request was refused. */
  refused(method: string, code: string): void {
    this.#refused += 1;
    this.handshakes.add(method, labelOf(code));
  }

  /** A client was over a limit. `limit` is a name of the host's or the guard's, such as "user". */
  limitHit(limit: string): void {
    this.limitHits.add(limit);
  }

  /** `allowed` is what reached handlers of the host: the guard answers its own events itself. */
  get allCounts(): { readonly allowed: number; readonly denied: number; readonly refused: number } {
    let allowed = 0;
    let denied = 0;
    for (const tally of this.tallies) {
      if (!tally.event.startsWith(guardPrefix)) allowed += tally.allowed;
      denied += tally.allDenied;
    }
    return { allowed, denied, refused: this.#refused };
  }

  /** The counts of verdicts that are not 0. */
  *verdicts(): Iterable<{ readonly event: string; readonly code: VerdictCode; readonly count: number }> {
    for (const tally of this.tallies) for (const [code, count] of tally.counts()) yield { event: tally.event, code, count };
  }
}
