// A store of limits in memory, with a clock of the test, that can fail, be slow and lose what it counted.
import { nodeLives, type LimitStore, type StoredWindow } from "../../lib/limits/limit-store.js";
import { Places } from "../../lib/sql/places.js";

export class MemoryLimits implements LimitStore {
  readonly #now: () => number;
  readonly #places = new Map<string, string>();
  readonly #seen = new Map<string, number>();
  /** Whether it answers at once, not at all, or with an error. */
  state: "answers" | "hangs" | "fails" = "answers";
  /** How often `take` was called. */
  asked = 0;

  /** `now` in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  lose(): void {
    this.#places.clear();
    this.#seen.clear();
  }

  announce(node: string): ReturnType<LimitStore["announce"]> {
    return this.#answer(() => {
      const isKnown = this.#seen.has(node);
      this.#seen.set(node, this.#now());
      for (const [other, seenAt] of this.#seen) if (seenAt < this.#now() - nodeLives) this.#seen.delete(other);
      return { nodes: this.#seen.size, isKnown };
    });
  }

  take(windows: readonly StoredWindow[], node: string): ReturnType<LimitStore["take"]> {
    this.asked += 1;
    return this.#answer(() => {
      const opened = windows.map((window) => this.#open(window));
      const waits = opened.map((places) => Math.ceil(places.wait() / 1_000));
      const places = waits.some((wait) => wait > 0) ? [] : opened.map((one) => one.take());
      windows.forEach(({ id }, index) => this.#places.set(id, String(opened[index])));
      return { waits, places, isKnown: this.#seen.has(node) };
    });
  }

  giveBack(windows: readonly StoredWindow[], instants: readonly number[]): Promise<void> {
    return this.#answer(() => windows.forEach((window, index) => {
      const places = this.#open(window);
      places.giveBack(instants[index]!);
      this.#places.set(window.id, String(places));
    }));
  }

  #open(window: StoredWindow): Places {
    return new Places(this.#places.get(window.id) ?? "", window, Math.floor(this.#now() * 1_000));
  }

  async #answer<Answer>(answer: () => Answer): Promise<Answer> {
    if (this.state === "fails") throw new Error("the store is down");
    if (this.state === "hangs") await new Promise(() => {});
    return answer();
  }
}
