/** Counts the denials of one socket. After too many, its client is sent fewer notices, or its session ends. */

const maxDenied = 20;
const deniedWindow = 10_000;
const maxNotices = 10;
const noticeWindow = 1_000;

export class Denials {
  /** When the last denials were: a circular buffer, in which the next one replaces the oldest. */
  readonly #instants = new Array<number>(maxDenied - 1).fill(-Infinity);
  #oldest = 0;
  #windowStart = -Infinity;
  #notices = 0;
  #suppressed = 0;

  /** Counts a denial. Returns true for the twentieth within ten seconds. */
  count(now: number): boolean {
    const oldest = this.#instants[this.#oldest]!;
    this.#instants[this.#oldest] = now;
    this.#oldest = this.#oldest === maxDenied - 2 ? 0 : this.#oldest + 1;
    return now - oldest < deniedWindow;
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
