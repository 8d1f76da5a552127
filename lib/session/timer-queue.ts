/** Calls back for thousands of items, each at its own time, with one timer. */

export interface Timed {
  /** Epoch milliseconds; `Infinity` while it is in no queue. Belongs to the queue. */
  dueAt: number;
}

// Milliseconds. The clock is read once in each slot, because timers do not notice when it jumps or when the machine sleeps.
const slotWidth = 500;
// Milliseconds. Thousands of items may be due in the same second: other work gets its turn in between.
const sliceTime = 5;

export class TimerQueue<Item extends Timed> {
  readonly #onDue: (item: Item) => void;
  readonly #slots = new Map<number, Set<Item>>();
  #timer: NodeJS.Timeout | undefined;
  #wakesAt = Infinity;

  constructor(onDue: (item: Item) => void) {
    this.#onDue = onDue;
  }

  /** Adds an item, or moves it. */
  set(item: Item, dueAt: number): void {
    if (item.dueAt === dueAt) return;
    this.delete(item);
    if (dueAt === Infinity) return;
    item.dueAt = dueAt;
    const slot = slotOf(dueAt);
    const items = this.#slots.get(slot);
    if (items === undefined) this.#slots.set(slot, new Set([item]));
    else items.add(item);
    if (dueAt < this.#wakesAt) this.#wakeAt(Math.min(dueAt, endOf(slotOf(Date.now()))));
  }

  delete(item: Item): void {
    if (item.dueAt === Infinity) return;
    const slot = slotOf(item.dueAt);
    const items = this.#slots.get(slot);
    items?.delete(item);
    if (items?.size === 0) this.#slots.delete(slot);
    item.dueAt = Infinity;
    if (this.#slots.size === 0) this.stop();
  }

  /** Calls back for what is due now, without waiting for the timer, for some milliseconds. Returns true if more is due. */
  runDue(): boolean {
    const sliceEnd = performance.now() + sliceTime;
    const now = Date.now();
    for (const [slot, items] of this.#slots) {
      if (slot > slotOf(now)) continue;
      for (const item of items) {
        if (item.dueAt > now) continue;
        if (performance.now() >= sliceEnd) return true;
        this.delete(item);
        this.#onDue(item);
      }
    }
    return false;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#wakesAt = Infinity;
  }

  #wakeAt(instant: number): void {
    clearTimeout(this.#timer);
    this.#wakesAt = instant;
    this.#timer = setTimeout(() => this.#wake(), Math.max(1, instant - Date.now()));
    this.#timer.unref();
  }

  #wake(): void {
    const isBehind = this.runDue();
    if (this.#slots.size === 0) return;
    const now = Date.now();
    const thisSlot = slotOf(now);
    const instants = Array.from(this.#slots.get(thisSlot) ?? [], ({ dueAt }) => dueAt);
    this.#wakeAt(isBehind ? now : instants.reduce((first, dueAt) => Math.min(first, dueAt), endOf(thisSlot)));
  }
}

function slotOf(instant: number): number {
  return Math.floor(instant / slotWidth);
}

function endOf(slot: number): number {
  return (slot + 1) * slotWidth;
}
