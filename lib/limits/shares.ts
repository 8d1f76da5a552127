/** Counts a node's share of limits, which it keeps when the store does not count for all nodes. */
import type { ParsedRate } from "./rate.js";
import type { SharedWindow } from "./limit-store.js";
import { refused, type Taken } from "./taken.js";
import { Windows } from "./windows.js";

export class Shares {
  readonly #windows = new Map<string, Windows>();
  #nodes = 1;
  #longestWindow = 0;
  #usedAt = -Infinity;

  /** Takes a place in the share of each window, or in none. */
  take(shared: readonly SharedWindow[], nodes: number, now: number): Taken {
    this.#startAfresh(nodes, now);
    const windows = shared.map(({ name, rate }) => this.#windowsOf(name, rate));
    const waits = windows.map((one, index) => one.take(shared[index]!.key, now));
    const giveBack = () => windows.forEach((one, index) => { if (waits[index] === 0) one.giveBack(shared[index]!.key, now); });
    const wait = Math.max(...waits);
    if (wait === 0) return { wait, window: undefined, giveBack };
    giveBack();
    return refused(shared[waits.indexOf(wait)]!, wait);
  }

  /** Another number of nodes counts once all windows are empty: to change a share is to forget what was taken of it. */
  #startAfresh(nodes: number, now: number): void {
    if (now - this.#usedAt >= this.#longestWindow) {
      this.#windows.clear();
      this.#longestWindow = 0;
      this.#nodes = nodes;
    }
    this.#usedAt = now;
  }

  #windowsOf(name: string, rate: ParsedRate): Windows {
    const id = `${rate.count}/${rate.window} ${name}`;
    let windows = this.#windows.get(id);
    if (windows === undefined) {
      const count = Math.max(1, Math.floor(rate.count / this.#nodes));
      this.#windows.set(id, (windows = new Windows({ ...rate, count })));
      this.#longestWindow = Math.max(this.#longestWindow, rate.window);
    }
    return windows;
  }
}
