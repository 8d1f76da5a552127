// A real database server as a process of its own, on a free port, with its files in a folder that is thrown away. It can
// be ended in every way that a server ends, and started again on the same port with the same files.
import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/** What a kind of server needs to be told. */
export interface Program {
  readonly command: string;
  readonly words: (port: number, folder: string) => readonly string[];
  /** Done once, before the first start. */
  readonly prepare?: (folder: string) => Promise<void>;
  /** What it prints when it serves. */
  readonly serves: RegExp;
  /** The signal that ends it in order and soon. */
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
        // Somebody else may have taken the port in between.
        if (attempt === 3) throw error;
      }
    }
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error("The server is not running.");
    return this.#child.pid;
  }

  /** Starts it, also again: on the same port, with the same files. */
  async start(): Promise<void> {
    const until = performance.now() + longestStart;
    for (;;) {
      const refusal = await this.#start().then(() => undefined, (error: Error) => error);
      if (refusal === undefined) return;
      // The system takes a moment to free what a server held that was killed.
      if (!/still in use/.test(refusal.message) || performance.now() > until) throw refusal;
    }
  }

  async #start(): Promise<void> {
    const { command, words, serves } = this.#program;
    const child = spawn(command, words(this.port, this.folder), { ...notAsRoot, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    running.add(this);
    let printed = "";
    await new Promise<void>((resolve, reject) => {
      const look = (text: Buffer) => {
        printed += text.toString();
        if (serves.test(printed)) child.emit("serves");
      };
      child.stdout.on("data", look);
      child.stderr.on("data", look);
      child.once("error", reject);
      child.once("exit", () => {
        running.delete(this);
        reject(new Error(`${command} ended before it served:\n${printed}`));
      });
      const tooLate = setTimeout(() => {
        reject(new Error(`${command} did not serve within ${longestStart} ms:\n${printed}`));
        this.signal("SIGKILL");
      }, longestStart);
      child.once("serves", () => { clearTimeout(tooLate); resolve(); });
      child.once("exit", () => clearTimeout(tooLate));
    });
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    await this.#endBy(this.#program.end);
  }

  /** Ends it as a crash does: it can say and write nothing any more. */
  async kill(): Promise<void> {
    await this.#endBy("SIGKILL");
  }

  /** It keeps its connections and answers nothing, until `thaw`. */
  freeze(): void {
    this.signal("SIGSTOP");
  }

  thaw(): void {
    this.signal("SIGCONT");
  }

  /** Ends it if it still runs, and removes its files. */
  async close(): Promise<void> {
    if (running.has(this)) {
      this.thaw();
      await this.stop();
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** To the server and the processes that it started, and to no other. */
  signal(signal: NodeJS.Signals): void {
    const parent = this.pid;
    // Stopped first, it starts no more of them, and they are still its own.
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

/** Postgres refuses to run as root, who in turn may become anybody: then it runs as nobody, who has no rights and is in every Debian. */
const nobody = { uid: 65_534, gid: 65_534 };
export const notAsRoot: Pick<SpawnOptions, "uid" | "gid"> = userInfo().uid === 0 ? nobody : {};

/** A folder that belongs to whom the servers run as. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "socket.io-guard-"));
  if (notAsRoot.uid !== undefined) await chown(folder, nobody.uid, nobody.gid);
  return folder;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Linux knows them; elsewhere they end with their parent. */
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
