/** Something that changes while the server runs: a number that grows with each change, and listeners. */
import { callListener } from "./callbacks.js";

export class ChangeSource {
  readonly #listeners = new Set<() => void>();
  #generation = 0;

  /** Grows with every change. */
  get generation(): number {
    return this.#generation;
  }

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  /** Calls back after each change. Returns a function that stops this. */
  onChange(listener: () => void): () => void {
    // The same function may be given twice: each call has its own entry.
    const entry = () => listener();
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  changed(): void {
    this.#generation += 1;
    for (const listener of [...this.#listeners]) callListener(listener);
  }
}
