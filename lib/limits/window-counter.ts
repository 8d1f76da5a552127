/** What counts the places that are taken in the windows of many keys. A key is known by its slot: 1 to the capacity. */
export interface WindowCounter {
  /** Takes a place. Returns 0, or the whole milliseconds to wait: then nothing is taken. */
  take(slot: number, now: number): number;
  /** Gives back a place that was taken at `takenAt`, if it still counts. */
  giveBack(slot: number, takenAt: number): void;
  /** Whether no place of this slot can matter any more. */
  isIdle(slot: number, now: number): boolean;
  /** Makes a slot ready for another key. */
  clear(slot: number): void;
  /** Makes room for more slots. */
  grow(capacity: number): void;
  /** What it keeps, in bytes. */
  readonly bytes: number;
}
