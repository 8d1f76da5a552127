/** Closes connections in slices, so that thousands that end together do not block the event loop. */

// Closing one costs about 0.1 ms. The clients of one slice hear of it in the same turn, which costs as much again.
const sliceTime = 5;

export class ClosingQueue<Item> {
  readonly #close: (item: Item) => void;
  readonly #endDue: () => boolean;
  readonly #items: Item[] = [];
  #isScheduled = false;

  /** `endDue` ends whatever else is due to end, and returns true if that needs another turn. Nothing is closed before. */
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
