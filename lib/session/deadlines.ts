/** One queue and one timer for everything that falls due: sessions that expire, users that are asked for again. */

/** Something that falls due at `dueAt`, in epoch milliseconds. `place` belongs to the heap. */
export interface Deadline {
  dueAt: number;
  place: number;
  fallDue(): void;
}

/** Not in the heap. */
export const nowhere = -1;

// The wall clock can jump and the machine can sleep, which timers do not see: so the clock is looked at this often.
const longestSleep = 500;
// Thousands may fall due in the same second: the event loop gets its turns in between.
const sliceTime = 5;

export class Deadlines {
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
    const wait = Math.min(Math.max(first.dueAt - Date.now(), 1), longestSleep);
    this.#timer = setTimeout(() => this.#wake(), wait);
    this.#timer.unref();
  }

  #wake(): void {
    this.catchUp();
    if (this.#heap.length > 0) this.#schedule();
  }

  /** Calls what is due now, without waiting for the timer, for some milliseconds. True if more is due then. */
  catchUp(): boolean {
    const end = performance.now() + sliceTime;
    for (let first = this.#heap[0]; first !== undefined && first.dueAt <= Date.now(); first = this.#heap[0]) {
      if (performance.now() >= end) return true;
      this.remove(first);
      first.fallDue();
    }
    return false;
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
