/** How often one socket was denied: when to stop telling it, and when to stop listening to it. */

const longWindow = 10_000;
const mostInLongWindow = 20;
const shortWindow = 1_000;
const mostNotices = 10;

export class Denials {
  readonly #instants: number[] = [];
  #noticesSince = -Infinity;
  #notices = 0;
  #suppressed = 0;

  /** Counts one. True if it was one too many: the twentieth within ten seconds. */
  count(now: number): boolean {
    this.#instants.push(now);
    if (this.#instants.length < mostInLongWindow) return false;
    return now - this.#instants.shift()! < longWindow;
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
