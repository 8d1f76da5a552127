/**
 * The nodes, each a process. Node's own cluster listens on the port for all of them, and hands each connection to the next
 * one: a websocket stays where it is, and any node answers a page's request. One that dies is started again.
 */
import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** A node that cannot start does not keep the machine busy. */
const pause = 1_000;

export class Nodes {
  readonly #nodes = new Map<number, Worker>();
  #isOpen = false;
  #isStopping = false;

  constructor() {
    cluster.schedulingPolicy = cluster.SCHED_RR;
    cluster.setupPrimary({ exec: fileURLToPath(new URL(`node${extname(import.meta.url)}`, import.meta.url)) });
  }

  /** Answers where they are open; undefined if they cannot be, and then a node has said why. */
  async start(count: number): Promise<string | undefined> {
    // The first one alone, so that what is wrong is said once.
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

  /** Answers where it is open; undefined if it ended before that. */
  #start(number: number): Promise<string | undefined> {
    const node = cluster.fork();
    this.#nodes.set(number, node);
    return new Promise((resolve) => {
      node.once("message", ({ address }: { address: string }) => resolve(address));
      node.once("exit", (code: number, signal: string | null) => {
        resolve(undefined);
        if (!this.#isOpen || this.#isStopping) return;
        console.error(`Node ${number} ended (${signal ?? code}) and is started again.`);
        setTimeout(() => void this.#startAgain(number), pause);
      });
    });
  }

  async #startAgain(number: number): Promise<void> {
    if (this.#isStopping) return;
    const address = await this.#start(number);
    if (address !== undefined) console.log(`Node ${number} is back (process ${this.#nodes.get(number)?.process.pid}).`);
  }
}
