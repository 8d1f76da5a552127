/** Runs a task again and again in the background, one run at a time. */

export interface PollerOptions {
  /** What is run. It reports its own errors; a rejection only makes the next run come after `retryInterval`. */
  readonly task: () => Promise<void>;
  /** Milliseconds from the start of one run to the start of the next. `Infinity`: it runs only when it is asked to. */
  readonly interval: number;
  /** The same, after a run that failed. @default `interval` */
  readonly retryInterval?: number;
}

export class Poller {
  readonly #task: () => Promise<void>;
  readonly #interval: number;
  readonly #retryInterval: number;
  #running: Promise<void> | undefined = undefined;
  #repeat: Promise<void> | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;
  #isStopped = false;

  constructor({ task, interval, retryInterval = interval }: PollerOptions) {
    this.#task = task;
    this.#interval = interval;
    this.#retryInterval = retryInterval;
  }

  /** The run that is under way, if there is one. */
  get running(): Promise<void> | undefined {
    return this.#running;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /**
   * Runs now. A run that is under way may have read too early for this caller: then one more run follows it, which all
   * such callers share.
   * @throws what the task rejects with
   */
  run(): Promise<void> {
    if (this.#running === undefined) return this.#start();
    this.#repeat ??= this.#running.catch(() => undefined).then(() => {
      this.#repeat = undefined;
      return this.#start();
    });
    return this.#repeat;
  }

  /** Schedules the next run after this many milliseconds, in place of the one that is scheduled. */
  runIn(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#isStopped || ms === Infinity) return;
    this.#timer = setTimeout(runScheduled, Math.max(0, ms), this);
    this.#timer.unref();
  }

  /** Schedules no more runs. `run` still works. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #start(): Promise<void> {
    const running = this.#runOnce();
    this.#running = running;
    const finished = () => { if (this.#running === running) this.#running = undefined; };
    running.then(finished, finished);
    return running;
  }

  async #runOnce(): Promise<void> {
    clearTimeout(this.#timer);
    const startedAt = performance.now();
    let wait = this.#retryInterval;
    try {
      await this.#task();
      wait = this.#interval;
    } finally {
      this.runIn(startedAt + wait - performance.now());
    }
  }
}

// Given the poller as an argument of its timer, because a closure for each would take more memory.
function runScheduled(poller: Poller): void {
  void poller.run().catch(() => undefined);
}
