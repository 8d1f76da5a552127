/** Counts the denials of one socket. After too many, its client is sent fewer notices, or its session ends. */
import type { Repeat } from "../audit-events.js";
import type { ParsedRate } from "../limits/rate.js";

const maxNotices = 10;
const noticeWindow = 1_000;

/** What makes denials alike for the audit log. */
interface Likeness {
  readonly subject: string | undefined;
  readonly code: string;
  readonly event: string | undefined;
  readonly room: string | undefined;
  /** The name of the limit that was reached. */
  readonly limit: string | undefined;
}

/** A denial, and what counts the audit events of those that are like it. */
interface LastDenial extends Likeness {
  denied?: Repeat | undefined;
  limitHit?: Repeat | undefined;
}

export class Denials {
  #last: LastDenial | undefined = undefined;
  readonly #most: ParsedRate | undefined;
  /** When the last denials were: a circular buffer, in which the next one replaces the oldest. */
  readonly #instants: number[];
  #oldest = 0;
  #windowStart = -Infinity;
  #notices = 0;
  #suppressed = 0;

  /** `most`: after so many denials the session ends; undefined if it never does. */
  constructor(most: ParsedRate | undefined) {
    this.#most = most;
    this.#instants = most === undefined ? [] : new Array<number>(most.count - 1).fill(-Infinity);
  }

  /** The last denial, if it is like this one; else this one is the last from now on. */
  lastLike({ subject, code, event, room, limit }: Likeness): LastDenial {
    const last = this.#last;
    const isLike = last !== undefined && last.code === code && last.event === event && last.room === room && last.subject === subject && last.limit === limit;
    return isLike ? last : (this.#last = { subject, code, event, room, limit });
  }

  /** Counts a denial. Returns true for the last that is within the rate, such as the twentieth in ten seconds. */
  count(now: number): boolean {
    if (this.#most === undefined) return false;
    const { count, window } = this.#most;
    if (count === 1) return true;
    const oldest = this.#instants[this.#oldest]!;
    this.#instants[this.#oldest] = now;
    this.#oldest = this.#oldest === count - 2 ? 0 : this.#oldest + 1;
    return now - oldest < window;
  }

  /** Counts a notice, of which ten may be sent in a second. Returns how many were suppressed before this one, or undefined to suppress it, too. */
  notice(now: number): number | undefined {
    if (now - this.#windowStart >= noticeWindow) {
      this.#windowStart = now;
      this.#notices = 0;
    }
    this.#notices += 1;
    if (this.#notices > maxNotices) {
      this.#suppressed += 1;
      return undefined;
    }
    const suppressed = this.#suppressed;
    this.#suppressed = 0;
    return suppressed;
  }
}
