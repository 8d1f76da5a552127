/** How often one socket was denied: when to stop telling it, and when to stop listening to it. */

const longWindow = 10_000;
const mostInLongWindow = 20;
const shortWindow = 1_000;
const mostNotices = 10;

export class Denials {
  /** The last of them, in a circle: the next one takes the place of the oldest. */
  readonly #instants = new Float64Array(mostInLongWindow - 1).fill(-Infinity);
  #oldest = 0;
  #noticesSince = -Infinity;
  #notices = 0;
  #suppressed = 0;

  /** Counts one. True if it was one too many: the twentieth within ten seconds. */
  count(now: number): boolean {
    const oldest = this.#instants[this.#oldest]!;
    this.#instants[this.#oldest] = now;
    this.#oldest = (this.#oldest + 1) % this.#instants.length;
    return now - oldest < longWindow;
  }

  /** How many notices were held back before this one, or undefined if this one is held back too. */
  notice(now: number): number | undefined {
    if (now - this.#noticesSince >= shortWindow) {
      this.#noticesSince = now;
      this.#notices = 0;
    }
    this.#notices += 1;
    if (this.#notices > mostNotices) {
      this.#suppressed += 1;
      return undefined;
    }
    const suppressed = this.#suppressed;
    this.#suppressed = 0;
    return suppressed;
  }
}
