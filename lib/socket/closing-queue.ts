/** Closes connections in slices, so that thousands that end together do not block the event loop. */

// Milliseconds. Closing one connection costs about 0.1 ms, and its messages to the client cost as much again.
const sliceTime = 5;

export class ClosingQueue<Item> {
  readonly #close: (item: Item) => void;
  readonly #endDue: () => boolean;
  readonly #items: Item[] = [];
  #isScheduled = false;

  /** `endDue` ends all other sessions that are due, and returns true if it needs another turn for that. Nothing is closed before. */
  constructor(close: (item: Item) => void, endDue: () => boolean) {
    this.#close = close;
    this.#endDue = endDue;
  }

  add(item: Item): void {
    this.#items.push(item);
    this.#schedule();
  }

  /** Closes all of them now, and returns them. */
  closeAll(): readonly Item[] {
    const items = this.#items.splice(0);
    for (const item of items) this.#close(item);
    return items;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#closeSome());
  }

  #closeSome(): void {
    this.#isScheduled = false;
    if (this.#items.length === 0) return;
    // All that end together are silent before the first is closed: a "disconnect" listener of the host may broadcast.
    if (this.#endDue()) return this.#schedule();
    const sliceEnd = performance.now() + sliceTime;
    let closed = 0;
    for (; closed < this.#items.length && performance.now() < sliceEnd; closed += 1) this.#close(this.#items[closed]!);
    this.#items.splice(0, closed);
    if (this.#items.length > 0) this.#schedule();
  }
}
