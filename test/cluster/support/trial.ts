// One trial of a fault. A user of two nodes is revoked while something breaks. Then the events that were accepted from the
// user, and the broadcasts that reached the user, are counted from maxStaleness after the revocation was durable.
import { eventually } from "../../support/eventually.js";
import type { Revocation, RevocationStore } from "../../../lib/index.js";
import { PersistentClient } from "./persistent-client.js";
import type { ClusterNode } from "./node.js";
import type { Settled } from "./node-program.js";
import { tokenOf } from "./tokens.js";

/** The `maxStaleness` of all nodes, in milliseconds. */
export const maxStaleness = 400;

export interface Nodes {
  /** The node that revokes. */
  one: ClusterNode;
  other: ClusterNode;
}

/** Resolves with the instant at which the revocation was durable, or with undefined if it never was, and its caller was not told so. */
export type Fault = (trial: Trial) => Promise<number | undefined>;

/** The results of all trials of a fault. */
export interface Tally {
  trials: number;
  revoked: number;
  accepted: number;
  heard: number;
}

let trials = 0;

export class Trial {
  readonly nodes: Nodes;
  readonly subject = `alice ${trials += 1}`;
  readonly store: RevocationStore;
  /** Another user, who is not revoked. */
  readonly bob: { one: PersistentClient; readonly other: PersistentClient };
  readonly #token = tokenOf(this.subject);
  readonly #clients: PersistentClient[] = [];
  readonly #late: ClusterNode[] = [];

  constructor(nodes: Nodes, store: RevocationStore) {
    this.nodes = nodes;
    this.store = store;
    for (const node of [nodes.one, nodes.other]) this.connectTo(node);
    this.bob = { one: new PersistentClient(nodes.one.address, tokenOf("bob")), other: new PersistentClient(nodes.other.address, tokenOf("bob")) };
  }

  async run(fault: Fault, tally: Tally): Promise<void> {
    try {
      await Promise.all([...this.#clients, this.bob.one, this.bob.other].map((client) => client.acceptedAfter(0)));
      const durableAt = await fault(this);
      tally.trials += 1;
      if (durableAt === undefined) return;
      tally.revoked += 1;
      const limit = durableAt + maxStaleness;
      await Promise.all([this.bob.one, this.bob.other].map((client) => client.acceptedAfter(limit + maxStaleness)));
      const isLate = (at: number) => at > limit;
      for (const node of [this.nodes.one, this.nodes.other, ...this.#late]) tally.accepted += (await node.ask("accepted", this.subject)).filter(isLate).length;
      for (const { heard } of this.#clients) tally.heard += heard.filter(isLate).length;
    } finally {
      for (const client of [...this.#clients, this.bob.one, this.bob.other]) client.close();
      for (const node of this.#late) await node.kill();
    }
  }

  /** Connects the revoked user to this node, too. */
  connectTo(node: ClusterNode): void {
    this.#clients.push(new PersistentClient(node.address, this.#token));
  }

  /** Replaces the revoking node. */
  restarted(node: ClusterNode): void {
    this.nodes.one = node;
    this.bob.one.close();
    this.bob.one = new PersistentClient(node.address, tokenOf("bob"));
    this.connectTo(node);
  }

  /** Adds a node that was started during the trial. */
  joins(node: ClusterNode): void {
    this.#late.push(node);
    this.connectTo(node);
  }

  revoke(): Promise<Settled> {
    return this.nodes.one.ask("revoke", { subject: this.subject });
  }

  /** The instant at which the revocation settled, or at which it was found in the store if it failed. */
  async durable(revoked: Settled): Promise<number> {
    if (revoked.code === undefined) return revoked.settledAt;
    await eventually(() => this.isStored(), "the revocation is stored");
    return Date.now();
  }

  async isStored(): Promise<boolean> {
    for (let version; ;) {
      const page = await this.store.since(version);
      if (page.records.some(({ value }: Revocation) => value === this.subject)) return true;
      if (page.records.length === 0) return false;
      version = page.version;
    }
  }
}
