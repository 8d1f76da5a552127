// A guarded node of a cluster as the test sees it.
import { Child, startProcess } from "../../support/child.js";
import { eventually } from "../../support/eventually.js";
import type { Commands, NodeConfig } from "./node-program.js";

export class ClusterNode extends Child<Commands> {
  address = "";

  static async start(config: NodeConfig): Promise<ClusterNode> {
    const node = new ClusterNode(await startProcess("test/cluster/support/node-program.ts", config.adapter?.kind === "cluster"));
    node.address = `http://127.0.0.1:${await node.ask("listen", config)}`;
    return node;
  }

  /** Settles when its adapter knows this many nodes, itself included. */
  async knows(nodes: number): Promise<void> {
    await eventually(async () => await this.ask("nodes") >= nodes, `the adapter knows ${nodes} nodes`);
  }
}
