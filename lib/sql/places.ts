/** The places that are taken in one window, as a row keeps them: instants in order, and how many were taken at each. All times are microseconds. */
import type { StoredWindow } from "../limits/limit-store.js";
import { widthOf } from "../limits/sub-windows.js";

interface Taken {
  readonly instant: number;
  count: number;
}

export class Places {
  readonly #window: StoredWindow;
  readonly #width: number;
  readonly #now: number;
  readonly #taken: Taken[] = [];

  /** What is still inside the window. If the clock was set back, what was taken in its future counts as taken now. */
  constructor(text: string, window: StoredWindow, now: number) {
    this.#window = window;
    this.#width = widthOf(window);
    this.#now = now;
    for (const [, instant, count] of text.matchAll(/(\d+) (\d+)/g)) {
      const taken = { instant: Math.min(Number(instant), now + this.#width), count: Number(count) };
      if (taken.instant > now - this.#length) this.#taken.push(taken);
    }
  }

  /** Microseconds until there is a place. */
  wait(): number {
    let excess = this.#taken.reduce((total, { count }) => total + count, 0) - this.#window.count;
    let wait = 0;
    for (const { instant, count } of this.#taken) {
      if (excess < 0) break;
      excess -= count;
      wait = instant + this.#length - this.#now;
    }
    return wait;
  }

  /** Takes a place. Returns the instant that `giveBack` needs. */
  take(): number {
    const instant = Math.ceil(this.#now / this.#width) * this.#width;
    const last = this.#taken.at(-1);
    if (last?.instant === instant) last.count += 1;
    else this.#taken.push({ instant, count: 1 });
    return instant;
  }

  giveBack(instant: number): void {
    const taken = this.#taken.find((one) => one.instant === instant && one.count > 0);
    if (taken !== undefined) taken.count -= 1;
  }

  /** When the last place is free again. */
  get endsAt(): number {
    return this.#now + this.#length + this.#width;
  }

  toString(): string {
    return this.#taken.filter(({ count }) => count > 0).map(({ instant, count }) => `${instant} ${count}`).join(" ");
  }

  get #length(): number {
    return this.#window.window * 1_000;
  }
}
