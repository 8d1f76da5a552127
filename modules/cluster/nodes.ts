/**
 * Runs several nodes of the chat, each in a process of its own. node:cluster listens on the port and gives each connection to the next
 * node. A websocket stays on its node, HTTP requests may reach any node. A node that dies is restarted.
 */
import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** So that a node that cannot start does not keep the machine busy. */
const restartDelay = 1_000;

export class Nodes {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #nodes = new Map<number, Worker>();
  #isOpen = false;
  #isStopping = false;

  /** @param environment settings of the nodes besides those of this process */
  constructor(environment: NodeJS.ProcessEnv = {}) {
    this.#environment = environment;
    cluster.schedulingPolicy = cluster.SCHED_RR;
    cluster.setupPrimary({ exec: fileURLToPath(new URL(`node${extname(import.meta.url)}`, import.meta.url)) });
  }

  /** Resolves with the address, or with undefined if the nodes cannot start. Then a node has printed why. */
  async start(count: number): Promise<string | undefined> {
    // Starts one node first, so that an error is printed only once.
    const address = await this.#start(1);
    if (address === undefined) return undefined;
    this.#isOpen = true;
    await Promise.all(Array.from({ length: count - 1 }, (_, index) => this.#start(index + 2)));
    return address;
  }

  list(): string {
    return [...this.#nodes].map(([number, { process }]) => `${number} (process ${process.pid})`).join(", ");
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    const living = [...this.#nodes.values()].filter((node) => !node.isDead());
    await Promise.all(living.map(async (node) => {
      const ended = once(node, "exit");
      node.process.kill("SIGTERM");
      await ended;
    }));
  }

  /** Resolves with the address, or with undefined if the node ended before it was open. */
  #start(number: number): Promise<string | undefined> {
    const node = cluster.fork({ ...this.#environment, NODE_NUMBER: String(number) });
    this.#nodes.set(number, node);
    return new Promise((resolve) => {
      node.once("message", ({ address }: { address: string }) => resolve(address));
      node.once("exit", (code: number, signal: string | null) => {
        resolve(undefined);
        if (!this.#isOpen || this.#isStopping) return;
        console.error(`Node ${number} ended (${signal ?? code}) and is restarted.`);
        setTimeout(() => void this.#startAgain(number), restartDelay);
      });
    });
  }

  async #startAgain(number: number): Promise<void> {
    if (this.#isStopping) return;
    const address = await this.#start(number);
    if (address !== undefined) console.log(`Node ${number} is back (process ${this.#nodes.get(number)?.process.pid}).`);
  }
}
