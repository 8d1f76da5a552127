/** Windows that are known to be full: a client that floods is refused without asking the store each time. */
import type { StoredWindow } from "./limit-store.js";

interface Full {
  /** When the window has a place again, as far as is known. */
  readonly until: number;
  /** When the store is asked again: others may give places back. */
  readonly askAt: number;
}

const maxWindows = 10_000;
// Milliseconds.
const askEvery = 1_000;

export class FullWindows {
  /** By id. The window that became full last is last. */
  readonly #full = new Map<string, Full>();

  /** The window with the longest wait, if one is full. */
  find(windows: readonly StoredWindow[], now: number): { readonly index: number; readonly wait: number } | undefined {
    if (this.#full.size === 0) return undefined;
    const waits = windows.map(({ id }) => this.#wait(id, now));
    const wait = Math.max(...waits);
    return wait > 0 ? { index: waits.indexOf(wait), wait } : undefined;
  }

  /** `waits` is what the store answered. */
  add(windows: readonly StoredWindow[], waits: readonly number[], now: number): void {
    windows.forEach(({ id }, index) => {
      const wait = waits[index]!;
      this.#full.delete(id);
      if (wait > 0) this.#full.set(id, { until: now + wait, askAt: now + Math.min(wait, askEvery) });
    });
    for (const [oldest] of this.#full) {
      if (this.#full.size <= maxWindows) break;
      this.#full.delete(oldest);
    }
  }

  /** Asks the store again about these windows. */
  forget(windows: readonly StoredWindow[]): void {
    for (const { id } of windows) this.#full.delete(id);
  }

  #wait(id: string, now: number): number {
    const full = this.#full.get(id);
    return full === undefined || full.askAt <= now ? 0 : Math.ceil(full.until - now);
  }
}
