/** Collects what is given while a batch is at work, so that a store is asked once for many. */

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

export class Batches<Item, Answer> {
  readonly #work: (items: readonly Item[]) => Promise<readonly Answer[]>;
  readonly #most: number;
  #waiting: Waiting<Item, Answer>[] = [];
  #running: Promise<void> | undefined = undefined;

  /** @param work returns the answers in the order of the items @param most how many items are in one batch */
  constructor(work: (items: readonly Item[]) => Promise<readonly Answer[]>, most: number) {
    this.#work = work;
    this.#most = most;
  }

  /** @throws what `work` rejects with, also for an earlier batch: what came later never overtakes what failed */
  add(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Settles when nothing is at work any more. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // What is added in the same turn is in the same batch.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#runOne(this.#waiting.splice(0, this.#most));
    this.#running = undefined;
  }

  async #runOne(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.#work(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, place) => resolve(answers[place]!));
    } catch (error) {
      for (const { reject } of [...batch, ...this.#waiting.splice(0)]) reject(error);
    }
  }
}
