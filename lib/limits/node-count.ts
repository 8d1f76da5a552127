/** How many nodes there are, as far as this one was told. */
import { nodeLives } from "./limit-store.js";

export class NodeCount {
  #number = 1;
  #fewerSince: number | undefined;

  get number(): number {
    return this.#number;
  }

  /**
   * A smaller number counts after 30 seconds in which the store was not down and lost nothing, as it has not since `wholeSince`.
   * Until then it may not know the other nodes, because they have not announced themselves again.
   */
  told(nodes: number, now: number, wholeSince: number): void {
    if (nodes >= this.#number) {
      this.#fewerSince = undefined;
      this.#number = nodes;
      return;
    }
    this.#fewerSince = Math.max(this.#fewerSince ?? now, wholeSince);
    if (now - this.#fewerSince >= nodeLives) this.#number = Math.max(1, nodes);
  }
}
