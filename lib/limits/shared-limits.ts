/** Counts in a store with the other nodes. While the store is down, this node counts alone, with its share of each limit. */
import { randomUUID } from "node:crypto";
import { FullWindows } from "./full-windows.js";
import { inTime } from "./in-time.js";
import { NodeCount } from "./node-count.js";
import { Shares } from "./shares.js";
import { storedWindow, type LimitStore, type SharedWindow, type StoredWindow } from "./limit-store.js";
import { refused, type Taken } from "./taken.js";

export type { SharedWindow } from "./limit-store.js";
export type { Taken } from "./taken.js";

export interface SharedLimitsOptions {
  readonly store: LimitStore;
  /** Called once when the store does not answer any more. */
  readonly onError: (error: unknown) => void;
  /** Called once when it answers again. */
  readonly onRecovered: () => void;
  /** Milliseconds that the store may take. @default 250 */
  readonly timeout?: number;
  /** Milliseconds, which never step back. */
  readonly clock?: () => number;
}

// Milliseconds. Three announcements of a node may be lost before the others count without it.
const announceEvery = 9_000;
const askAgainAfter = 1_000;

/**
 * In any window, the nodes together let at most `count` pass. If the store was down, each node may let its share pass in addition.
 * A share is `floor(count / nodes)`, but at least 1. A store that was down may have lost what it counted. So until a window has passed
 * since it answered again, an event needs a place in the store and one in the share of its node.
 */
export class SharedLimits {
  readonly #options: SharedLimitsOptions;
  readonly #timeout: number;
  readonly #clock: () => number;
  readonly #node = randomUUID();
  readonly #nodes = new NodeCount();
  readonly #full = new FullWindows();
  readonly #shares = new Shares();
  #timer: NodeJS.Timeout | undefined;
  #isAnnounced = false;
  #isAnnouncing = false;
  #isDown = false;
  #isStopped = false;
  /** Since when the store has certainly counted everything. */
  #wholeSince = -Infinity;

  constructor(options: SharedLimitsOptions) {
    this.#options = options;
    this.#timeout = options.timeout ?? 250;
    this.#clock = options.clock ?? (() => performance.now());
    void this.#announce();
  }

  /** Takes a place in each window, or in none. The promise never rejects. */
  take(windows: readonly SharedWindow[]): Taken | Promise<Taken> {
    const now = this.#clock();
    const stored = windows.map(storedWindow);
    const full = this.#full.find(stored, now);
    if (full !== undefined) return refused(windows[full.index]!, full.wait);
    return this.#isDown ? this.#shares.take(windows, this.#nodes.number, now) : this.#takeFromStore(windows, stored);
  }

  /** Ends the timers. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #takeFromStore(windows: readonly SharedWindow[], stored: readonly StoredWindow[]): Promise<Taken> {
    try {
      const { waits, places, isKnown } = await this.#inTime(this.#options.store.take(stored, this.#node));
      if (!isKnown) this.#mayHaveLost();
      const wait = Math.max(...waits);
      if (wait === 0) return this.#withShare(windows, () => this.#giveBack(stored, places));
      this.#full.add(stored, waits, this.#clock());
      return refused(windows[waits.indexOf(wait)]!, wait);
    } catch (error) {
      this.#failed(error);
      return this.#shares.take(windows, this.#nodes.number, this.#clock());
    }
  }

  /** The store gave places. In windows of which it may have lost a part, they must be in this node's share, too. */
  #withShare(windows: readonly SharedWindow[], giveBack: () => void): Taken {
    const now = this.#clock();
    const uncertain = windows.filter(({ rate }) => now - this.#wholeSince < rate.window);
    if (uncertain.length === 0) return { wait: 0, window: undefined, giveBack };
    const share = this.#shares.take(uncertain, this.#nodes.number, now);
    if (share.wait === 0) return { ...share, giveBack: () => { share.giveBack(); giveBack(); } };
    giveBack();
    return share;
  }

  #giveBack(stored: readonly StoredWindow[], places: readonly number[]): void {
    this.#full.forget(stored);
    // If it fails, the places stay taken until their windows are over.
    this.#options.store.giveBack(stored, places).catch(() => undefined);
  }

  /** Tells the other nodes that this one is there, and finds out whether the store answers. */
  async #announce(): Promise<void> {
    if (this.#isAnnouncing) return;
    this.#isAnnouncing = true;
    try {
      const { nodes, isKnown } = await this.#inTime(this.#options.store.announce(this.#node));
      if (this.#isDown || (this.#isAnnounced && !isKnown)) this.#wholeSince = this.#clock();
      this.#nodes.told(nodes, this.#clock(), this.#wholeSince);
      this.#isAnnounced = true;
      this.#recovered();
    } catch (error) {
      this.#failed(error);
    }
    this.#isAnnouncing = false;
    this.#announceAfter(this.#isDown ? askAgainAfter : announceEvery);
  }

  #announceAfter(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#isStopped) this.#timer = setTimeout(() => void this.#announce(), ms).unref();
  }

  #mayHaveLost(): void {
    this.#wholeSince = this.#clock();
    void this.#announce();
  }

  #failed(error: unknown): void {
    if (this.#isDown || this.#isStopped) return;
    this.#isDown = true;
    this.#announceAfter(askAgainAfter);
    this.#options.onError(error);
  }

  #recovered(): void {
    if (!this.#isDown || this.#isStopped) return;
    this.#isDown = false;
    this.#options.onRecovered();
  }

  #inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
    return inTime(this.#timeout, "The store of `limits` took too long.", answer);
  }
}
