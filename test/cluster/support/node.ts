// The test's side of a node: starts it, tells it what to do, and ends or stops its process as an operating system does.
import { fork, type ChildProcess } from "node:child_process";
import cluster from "node:cluster";
import { once } from "node:events";
import { execArgv, program as pathOf } from "../../support/programs.js";
import type { Answered, Asked, Commands, NodeConfig } from "./node-program.js";

const program = pathOf("test/cluster/support/node-program.ts");

type Answer<Name extends keyof Commands> = Awaited<ReturnType<Commands[Name]>>;

const running = new Set<ChildProcess>();
process.once("exit", () => { for (const child of running) child.kill("SIGKILL"); });

export class ClusterNode {
  address = "";
  readonly #child: ChildProcess;
  readonly #asked = new Map<number, { settle: (answer: unknown) => void; fail: (error: Error) => void }>();
  #asks = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    running.add(child);
    child.on("message", (message: Answered) => this.#hear(message));
    child.on("exit", () => {
      running.delete(child);
      for (const { fail } of this.#asked.values()) fail(new Error("The node ended."));
    });
  }

  static async start(config: NodeConfig): Promise<ClusterNode> {
    const child = config.adapter?.kind === "cluster" ? forkInCluster() : fork(program, { execArgv: [...execArgv] });
    const node = new ClusterNode(child);
    await once(child, "message");
    node.address = `http://127.0.0.1:${await node.ask("listen", config)}`;
    return node;
  }

  ask<Name extends keyof Commands>(command: Name, ...[argument]: Parameters<Commands[Name]>): Promise<Answer<Name>> {
    return new Promise((settle, fail) => {
      const ask = (this.#asks += 1);
      this.#asked.set(ask, { settle: settle as (answer: unknown) => void, fail });
      this.#child.send({ ask, command, argument } satisfies Asked, (error) => { if (error !== null) fail(error); });
    });
  }

  /** Settles when its adapter knows so many nodes, itself among them. */
  async knows(nodes: number): Promise<void> {
    while (await this.ask("nodes") < nodes);
  }

  /** It keeps its connections, and runs nothing until `thaw`. */
  freeze(): void {
    this.#child.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child.kill("SIGCONT");
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  #hear({ ask, answer, error }: Answered): void {
    const waiting = this.#asked.get(ask);
    this.#asked.delete(ask);
    if (error === undefined) waiting?.settle(answer);
    else waiting?.fail(new Error(error));
  }
}

/** As `setupPrimary` of the cluster adapter wants it: the test is the primary. */
function forkInCluster(): ChildProcess {
  cluster.setupPrimary({ exec: program, execArgv: [...execArgv] });
  return cluster.fork().process;
}
