/** The answer to who asks for places in shared windows. */
import type { SharedWindow } from "./limit-store.js";

/** Places in windows, or why there are none. */
export interface Taken {
  /** Milliseconds; 0 if all places were taken. */
  readonly wait: number;
  /** The window with the longest wait. */
  readonly window: SharedWindow | undefined;
  /** Gives all places back. Call it once at most. */
  readonly giveBack: () => void;
}

export function refused(window: SharedWindow, wait: number): Taken {
  return { wait, window, giveBack: () => {} };
}
