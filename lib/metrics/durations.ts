/** How long things take that may be slow. Whoever exports metrics listens; without a listener nothing is kept. */

/** What is measured, and by which label it is told apart. */
export interface DurationLabels {
  /** Asking the authenticators at a handshake or a refresh: the one that answered, or "none". */
  readonly verification: string;
  /** An asynchronous check or schema: the declared event. */
  readonly check: string;
  readonly findUser: undefined;
  readonly storeRead: undefined;
  /** Counting an event in the limits that nodes share. */
  readonly limitStore: undefined;
}

export type Measured = keyof DurationLabels;
export type DurationListener = <What extends Measured>(what: What, milliseconds: number, label: DurationLabels[What]) => void;

export class Durations {
  readonly #listeners = new Set<DurationListener>();

  listen(listener: DurationListener): void {
    this.#listeners.add(listener);
  }

  /** `startedAt` is of `performance.now()`. */
  record<What extends Measured>(what: What, startedAt: number, label: DurationLabels[What]): void {
    if (this.#listeners.size === 0) return;
    const milliseconds = performance.now() - startedAt;
    for (const listener of this.#listeners) listener(what, milliseconds, label);
  }
}
