/** Counts by labels. It has a bounded number of series, whatever it is given. */

// The labels are names of the host's. Should a client ever choose one, the memory and the monitoring system are safe.
const maxSeries = 1_000;

export class Counter<Labels extends readonly string[]> {
  readonly #series = new Map<string, { readonly labels: Labels; count: number }>();
  readonly #others: Labels;

  /** `others` are the labels of what is counted beyond a thousand series. */
  constructor(others: Labels) {
    this.#others = others;
  }

  add(...labels: Labels): void {
    const series = this.#series.get(labels.join("\n"));
    if (series !== undefined) series.count += 1;
    else if (this.#series.size < maxSeries) this.#series.set(labels.join("\n"), { labels, count: 1 });
    else this.#addOther();
  }

  *[Symbol.iterator](): Iterator<[labels: Labels, count: number]> {
    for (const { labels, count } of this.#series.values()) yield [labels, count];
  }

  #addOther(): void {
    const key = this.#others.join("\n");
    const series = this.#series.get(key);
    if (series === undefined) this.#series.set(key, { labels: this.#others, count: 1 });
    else series.count += 1;
  }
}
