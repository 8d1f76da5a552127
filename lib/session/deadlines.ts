/** One heap and one timer for everything that falls due by the same clock: sessions that expire, users that are asked for again. */

/** Something that falls due at `dueAt`, as its own clock counts (epoch milliseconds). `place` belongs to the heap. */
export interface Deadline {
  dueAt: number;
  place: number;
  readonly clock: () => number;
  fallDue(): void;
}

/** Not in the heap. */
export const nowhere = -1;

// The wall clock can jump and the machine can sleep, which timers do not see: so the clock is looked at this often.
const longestSleep = 500;
// Thousands may fall due in the same second: the event loop gets its turns in between.
const sliceTime = 5;

/** What falls due, by whatever clocks: instants of two clocks cannot be put in one order. */
export class Deadlines {
  readonly #heaps = new Map<() => number, DeadlineHeap>();

  get size(): number {
    return [...this.#heaps.values()].reduce((sum, { size }) => sum + size, 0);
  }

  add(deadline: Deadline): void {
    let heap = this.#heaps.get(deadline.clock);
    if (heap === undefined) this.#heaps.set(deadline.clock, (heap = new DeadlineHeap()));
    heap.add(deadline);
  }

  /** Before its clock becomes another one. */
  remove(deadline: Deadline): void {
    this.#heaps.get(deadline.clock)?.remove(deadline);
  }

  /** What is due falls due now, and not when its timer comes; for some milliseconds. True if more is due then. */
  catchUp(): boolean {
    let isBehind = false;
    for (const heap of this.#heaps.values()) if (!heap.catchUp()) isBehind = true;
    return isBehind;
  }

  stop(): void {
    for (const heap of this.#heaps.values()) heap.stop();
  }
}

class DeadlineHeap {
  readonly #heap: Deadline[] = [];
  #timer: NodeJS.Timeout | undefined;

  get size(): number {
    return this.#heap.length;
  }

  add(deadline: Deadline): void {
    deadline.place = this.#heap.length;
    this.#heap.push(deadline);
    this.#rise(deadline);
    if (deadline.place === 0) this.#schedule();
  }

  remove(deadline: Deadline): void {
    const place = deadline.place;
    if (place === nowhere) return;
    const last = this.#heap.pop()!;
    deadline.place = nowhere;
    if (last !== deadline) this.#settle(last, place);
    if (this.#heap.length === 0) this.stop();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const first = this.#heap[0]!;
    const wait = Math.min(Math.max(first.dueAt - first.clock(), 1), longestSleep);
    this.#timer = setTimeout(() => this.#wake(), wait);
    this.#timer.unref();
  }

  #wake(): void {
    this.catchUp();
    if (this.#heap.length > 0) this.#schedule();
  }

  /** False if some of what is due has to wait for another turn. */
  catchUp(): boolean {
    const end = performance.now() + sliceTime;
    for (let first = this.#heap[0]; first !== undefined && first.dueAt <= first.clock(); first = this.#heap[0]) {
      if (performance.now() >= end) return false;
      this.remove(first);
      first.fallDue();
    }
    return true;
  }

  #put(deadline: Deadline, place: number): void {
    this.#heap[place] = deadline;
    deadline.place = place;
  }

  #settle(deadline: Deadline, place: number): void {
    this.#put(deadline, place);
    this.#rise(deadline);
    this.#sink(deadline);
  }

  #rise(deadline: Deadline): void {
    const heap = this.#heap;
    let place = deadline.place;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (heap[parent]!.dueAt <= deadline.dueAt) break;
      this.#put(heap[parent]!, place);
      place = parent;
    }
    this.#put(deadline, place);
  }

  #sink(deadline: Deadline): void {
    const heap = this.#heap;
    let place = deadline.place;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.dueAt < heap[child]!.dueAt) child += 1;
      if (heap[child]!.dueAt >= deadline.dueAt) break;
      this.#put(heap[child]!, place);
      place = child;
    }
    this.#put(deadline, place);
  }
}
