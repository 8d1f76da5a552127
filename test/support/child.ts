// A child process that runs the test's commands. It can be stopped and killed by signals.
import { fork, type ChildProcess } from "node:child_process";
import cluster from "node:cluster";
import { once } from "node:events";
import { setupPrimary } from "@socket.io/cluster-adapter";
import { execArgv, program as pathOf } from "./programs.js";

type Commands = Readonly<Record<string, (argument: never) => unknown>>;

interface Asked { readonly ask: number; readonly command: string; readonly argument: unknown }
interface Answered { readonly ask: number; readonly answer?: unknown; readonly error?: string }

const running = new Set<ChildProcess>();
process.once("exit", () => { for (const child of running) child.kill("SIGKILL"); });

/** The test's side. `ChildCommands` is the type of the commands that the program passes to `obey`. */
export class Child<ChildCommands extends Commands> {
  readonly #process: ChildProcess;
  readonly #asked = new Map<number, { settle: (answer: never) => void; fail: (error: Error) => void }>();
  #asks = 0;

  protected constructor(child: ChildProcess) {
    this.#process = child;
    running.add(child);
    child.on("message", (message: Answered) => this.#receive(message));
    child.on("exit", (code, signal) => {
      running.delete(child);
      // Whoever waits for its clients would wait until the test's time is over, and not learn why.
      if (code !== 0 && signal === null) throw new Error(`A process of the test ended by itself, with exit code ${code}. It said why above.`);
      for (const { fail } of this.#asked.values()) fail(new Error("The process ended."));
    });
  }

  ask<Name extends keyof ChildCommands & string>(command: Name, ...[argument]: Parameters<ChildCommands[Name]>): Promise<Awaited<ReturnType<ChildCommands[Name]>>> {
    return new Promise((settle, fail) => {
      const ask = (this.#asks += 1);
      this.#asked.set(ask, { settle, fail });
      this.#process.send({ ask, command, argument } satisfies Asked, (error) => { if (error !== null) fail(error); });
    });
  }

  /** Stops the process until `thaw`. Its connections stay open. */
  freeze(): void {
    this.#process.kill("SIGSTOP");
  }

  thaw(): void {
    this.#process.kill("SIGCONT");
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
  }

  #receive({ ask, answer, error }: Answered): void {
    const waiting = this.#asked.get(ask);
    this.#asked.delete(ask);
    if (error === undefined) waiting?.settle(answer as never);
    else waiting?.fail(new Error(error));
  }
}

/** Starts a program by the path of its TypeScript file. With `isClusterWorker`, as a worker of Node's cluster, whose primary is the test. */
export async function startProcess(name: string, isClusterWorker: boolean): Promise<ChildProcess> {
  const child = isClusterWorker ? startWorker(pathOf(name)) : fork(pathOf(name), { execArgv: [...execArgv] });
  await once(child, "message");
  return child;
}

let isPrimarySetUp = false;

function startWorker(exec: string): ChildProcess {
  // Once a process, which may run several test files: each further time, every message would reach the other nodes once more.
  if (!isPrimarySetUp) setupPrimary();
  isPrimarySetUp = true;
  // Else the cluster adapter would send Buffers as JSON.
  cluster.setupPrimary({ exec, execArgv: [...execArgv], serialization: "advanced" });
  return cluster.fork().process;
}

/** The program's side: runs commands and sends back what they return. */
export function obey(commands: Commands): void {
  process.on("disconnect", () => process.exit());
  process.on("message", (message: Partial<Asked>) => {
    const { ask, command, argument } = message as Asked;
    // The cluster adapter uses the same channel.
    if (ask === undefined) return;
    Promise.resolve()
      .then(() => (commands[command] as (argument: unknown) => unknown)(argument))
      .then((answer) => ({ ask, answer }), (error: unknown) => ({ ask, error: String(error instanceof Error ? error.stack : error) }))
      .then((answered: Answered) => process.send!(answered), () => process.exit(1));
  });
  // A message that is sent to a cluster worker before it listens would be lost.
  process.send!("ready");
}
