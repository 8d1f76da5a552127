// A real database server in its own process, on a free port, with its files in a temporary folder. It can be stopped,
// killed and frozen, and started again on the same port with the same files.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { notAsRoot, temporaryFolder } from "../../modules/cluster/postgres-binaries.js";
import { freePort } from "./ports.js";

export { temporaryFolder };

/** How to run a kind of server. */
export interface Program {
  readonly command: string;
  readonly args: (port: number, folder: string) => readonly string[];
  /** Runs once, before the first start. */
  readonly prepare?: (folder: string) => Promise<void>;
  /** What the server prints when it is ready. */
  readonly ready: RegExp;
  /** The signal for a fast shutdown. */
  readonly end: NodeJS.Signals;
}

const longestStart = 15_000;

const running = new Set<RealServer>();
process.once("exit", () => { for (const server of running) server.signal("SIGKILL"); });

export class RealServer {
  readonly port: number;
  readonly folder: string;
  readonly #program: Program;
  #child: ChildProcess | undefined;

  private constructor(program: Program, port: number, folder: string) {
    this.#program = program;
    this.port = port;
    this.folder = folder;
  }

  static async open(program: Program): Promise<RealServer> {
    const folder = await temporaryFolder();
    await program.prepare?.(folder);
    for (let attempt = 1; ; attempt += 1) {
      const server = new RealServer(program, await freePort(), folder);
      try {
        await server.start();
        return server;
      } catch (error) {
        // Another process may have taken the port in the meantime.
        if (attempt === 3) throw error;
      }
    }
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error("The server is not running.");
    return this.#child.pid;
  }

  /** Starts the server, or starts it again on the same port with the same files. */
  async start(): Promise<void> {
    const until = performance.now() + longestStart;
    for (;;) {
      const refusal = await this.#start().then(() => undefined, (error: Error) => error);
      if (refusal === undefined) return;
      // After a server was killed, the system takes a moment to free its resources.
      if (!/still in use/.test(refusal.message) || performance.now() > until) throw refusal;
    }
  }

  async #start(): Promise<void> {
    const { command, args, ready } = this.#program;
    const child = spawn(command, args(this.port, this.folder), { ...notAsRoot, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    running.add(this);
    let printed = "";
    await new Promise<void>((resolve, reject) => {
      const look = (text: Buffer) => {
        printed += text.toString();
        if (ready.test(printed)) child.emit("ready");
      };
      child.stdout.on("data", look);
      child.stderr.on("data", look);
      child.once("error", reject);
      child.once("exit", () => {
        running.delete(this);
        reject(new Error(`${command} ended before it was ready:\n${printed}`));
      });
      const tooLate = setTimeout(() => {
        reject(new Error(`${command} was not ready within ${longestStart} ms:\n${printed}`));
        this.signal("SIGKILL");
      }, longestStart);
      child.once("ready", () => { clearTimeout(tooLate); resolve(); });
      child.once("exit", () => clearTimeout(tooLate));
    });
  }

  /** Shuts the server down. */
  async stop(): Promise<void> {
    await this.#endBy(this.#program.end);
  }

  /** Kills the server, as in a crash. */
  async kill(): Promise<void> {
    await this.#endBy("SIGKILL");
  }

  /** Stops the server's process until `thaw`. Its connections stay open, but it answers nothing. */
  freeze(): void {
    this.signal("SIGSTOP");
  }

  thaw(): void {
    this.signal("SIGCONT");
  }

  /** Stops the server if it still runs, and removes its files. */
  async close(): Promise<void> {
    if (running.has(this)) {
      this.thaw();
      await this.stop();
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Sends a signal to the server and to the processes that it started. */
  signal(signal: NodeJS.Signals): void {
    const parent = this.pid;
    // The server is stopped first, so that it starts no further processes.
    if (signal !== "SIGCONT") send(parent, "SIGSTOP");
    for (const pid of [...childrenOf(parent), parent]) send(pid, signal);
  }

  async #endBy(signal: NodeJS.Signals): Promise<void> {
    const ended = once(this.#child!, "exit");
    if (signal === "SIGKILL") this.signal(signal);
    else send(this.pid, signal);
    await ended;
  }
}

/** The child processes, which only Linux lists. On other systems, they end with their parent. */
function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
