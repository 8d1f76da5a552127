// One trial of a fault: a subject that two nodes let talk is revoked while something breaks, and what is still accepted
// from it, or said to it, is counted from the instant at which the revocation was durable, plus maxStaleness.
import type { Revocation, RevocationStore } from "../../../lib/index.js";
import { Insister } from "./insister.js";
import type { ClusterNode } from "./node.js";
import type { Revoked } from "./node-program.js";
import { tokenOf } from "./tokens.js";

/** Milliseconds: for all nodes of the trials. */
export const maxStaleness = 400;

export interface Nodes {
  /** The one that revokes. */
  one: ClusterNode;
  other: ClusterNode;
}

/** When a revocation was durable; undefined if it never was, which its caller was not told either. */
export type Fault = (trial: Trial) => Promise<number | undefined>;

/** What was found too late, in all trials of a fault. */
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
  /** Somebody else, who may talk. */
  readonly bob: { one: Insister; readonly other: Insister };
  readonly #token = tokenOf(this.subject);
  readonly #insisters: Insister[] = [];
  readonly #late: ClusterNode[] = [];

  constructor(nodes: Nodes, store: RevocationStore) {
    this.nodes = nodes;
    this.store = store;
    for (const node of [nodes.one, nodes.other]) this.insist(node);
    this.bob = { one: new Insister(nodes.one.address, tokenOf("bob")), other: new Insister(nodes.other.address, tokenOf("bob")) };
  }

  async run(fault: Fault, tally: Tally): Promise<void> {
    try {
      await Promise.all([...this.#insisters, this.bob.one, this.bob.other].map((insister) => insister.acceptedAfter(0)));
      const durableAt = await fault(this);
      tally.trials += 1;
      if (durableAt === undefined) return;
      tally.revoked += 1;
      const limit = durableAt + maxStaleness;
      await Promise.all([this.bob.one, this.bob.other].map((insister) => insister.acceptedAfter(limit + maxStaleness)));
      const isLate = (at: number) => at > limit;
      for (const node of [this.nodes.one, this.nodes.other, ...this.#late]) tally.accepted += (await node.ask("accepted", this.subject)).filter(isLate).length;
      for (const { heard } of this.#insisters) tally.heard += heard.filter(isLate).length;
    } finally {
      for (const insister of [...this.#insisters, this.bob.one, this.bob.other]) insister.close();
      for (const node of this.#late) await node.kill();
    }
  }

  /** The subject talks to this node as well. */
  insist(node: ClusterNode): void {
    this.#insisters.push(new Insister(node.address, this.#token));
  }

  /** The node that revokes is another one now. */
  restarted(node: ClusterNode): void {
    this.nodes.one = node;
    this.bob.one.close();
    this.bob.one = new Insister(node.address, tokenOf("bob"));
    this.insist(node);
  }

  /** A node that is there only now. */
  joins(node: ClusterNode): void {
    this.#late.push(node);
    this.insist(node);
  }

  revoke(): Promise<Revoked> {
    return this.nodes.one.ask("revoke", { subject: this.subject });
  }

  /** The instant at which it settled; if the store did not take it then, at which it was found there. */
  async durable(revoked: Revoked): Promise<number> {
    if (revoked.code === undefined) return revoked.settledAt;
    while (!await this.isStored()) { /* asked again */ }
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
