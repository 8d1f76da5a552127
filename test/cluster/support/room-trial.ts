// One trial of a fault. A user in a room of two nodes has to leave it while something breaks. Then the events of the room that
// still reached the user are counted from maxStaleness after the order was durable.
import type { RevocationStore } from "../../../lib/index.js";
import { noticeOf } from "../../../lib/session/notice.js";
import { readAll } from "../../support/revocations.js";
import { eventually } from "../../support/eventually.js";
import type { ClusterNode } from "./node.js";
import type { Settled } from "./node-program.js";
import { RoomClient } from "./room-client.js";
import { tokenOf } from "./tokens.js";
import { maxStaleness, type Nodes } from "./trial.js";

/** How a user is made to leave: by `evict`, or by `userChanged` after the rule's own data has changed. */
export type Order = "evict" | "userChanged";

/** Resolves with the instant at which the order was durable, or with undefined if it never was, and its caller was not told so. */
export type RoomFault = (trial: RoomTrial) => Promise<number | undefined>;

/** The results of all trials of a fault. `heard` counts what should not have been received. */
export interface RoomTally {
  trials: number;
  ordered: number;
  heard: number;
}

let trials = 0;

export class RoomTrial {
  readonly nodes: Nodes;
  readonly subject = `room alice ${trials += 1}`;
  readonly room = `trial-${trials}`;
  /** Another member, who stays. */
  readonly bob: { one: RoomClient; readonly other: RoomClient };
  readonly #alice: { readonly one: RoomClient; readonly other: RoomClient };
  readonly #store: RevocationStore;
  readonly #order: Order;

  constructor(nodes: Nodes, store: RevocationStore, order: Order) {
    this.nodes = nodes;
    this.#store = store;
    this.#order = order;
    this.bob = { one: this.#member(nodes.one, "bob", true), other: this.#member(nodes.other, "bob", true) };
    this.#alice = { one: this.#member(nodes.one, this.subject, false), other: this.#member(nodes.other, this.subject, false) };
  }

  async run(fault: RoomFault, tally: RoomTally): Promise<void> {
    const members = [this.bob.one, this.bob.other, this.#alice.one, this.#alice.other];
    try {
      await Promise.all(members.map((client) => client.heardAfter(0)));
      if (this.#order === "userChanged") for (const node of [this.nodes.one, this.nodes.other]) await node.ask("ban", this.subject);
      const durableAt = await fault(this);
      tally.trials += 1;
      if (durableAt === undefined) return;
      tally.ordered += 1;
      const limit = durableAt + maxStaleness;
      await Promise.all([this.bob.one, this.bob.other].map((client) => client.heardAfter(limit + maxStaleness)));
      for (const { heard } of [this.#alice.one, this.#alice.other]) tally.heard += heard.filter((at) => at > limit).length;
      const code = this.#order === "evict" ? "evicted" : "forbidden";
      if (this.#alice.other.left.join() !== code) throw new Error(`The other node removed the user with ${this.#alice.other.left.join()}, not with ${code}.`);
    } finally {
      for (const client of [...members, this.bob.one]) client.close();
    }
  }

  order(): Promise<Settled> {
    return this.nodes.one.ask(this.#order, { room: this.room, subject: this.subject });
  }

  /** The instant at which the order settled, or at which it was found in the store if it failed. */
  async durable({ code, settledAt }: Settled): Promise<number> {
    if (code === undefined) return settledAt;
    await eventually(() => this.isStored(), "the notice is stored");
    return Date.now();
  }

  async isStored(): Promise<boolean> {
    const { records } = await readAll(this.#store);
    return records.some((record) => noticeOf(record)?.subject === this.subject);
  }

  /** Replaces the node that gave the order. */
  restarted(node: ClusterNode): void {
    this.nodes.one = node;
    this.bob.one.close();
    this.bob.one = this.#member(node, "bob", true);
  }

  #member(node: ClusterNode, subject: string, rejoins: boolean): RoomClient {
    return new RoomClient({ address: node.address, token: tokenOf(subject), room: this.room, rejoins });
  }
}
