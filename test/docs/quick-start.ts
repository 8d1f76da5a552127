// Runs the three programs of the README's quick start in a folder that has the packages: the server, a client, and a client that is denied.
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { blocksOf, fileNameOf } from "./blocks.js";

/** Replaces `Date.now` of the server, so that nobody waits 15 minutes for the end of a token. */
const movableClock = `
  let ahead = 0;
  const realNow = Date.now;
  Date.now = () => realNow() + ahead;
  process.on("message", (milliseconds) => { ahead += milliseconds; });
  process.channel.unref();
`;

class Program {
  readonly #child: ChildProcess;
  output = "";

  constructor(folder: string, file: string) {
    this.#child = fork(file, { cwd: folder, execArgv: ["--import", "./clock.mjs"], stdio: ["ignore", "pipe", "pipe", "ipc"], env: { ...process.env, JWT_SECRET: "a secret of the test, with more than 32 bytes" } });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) stream.on("data", (data: Buffer) => { this.output += data.toString(); });
  }

  /** Resolves when the program has printed these lines. */
  async printed(...lines: readonly string[]): Promise<void> {
    const wanted = lines.map((line) => `${line}\n`).join("");
    while (!this.output.startsWith(wanted)) {
      if (!wanted.startsWith(this.output) || this.#child.exitCode !== null) throw new Error(`The program printed\n${this.output}\nand not\n${wanted}`);
      await Promise.race([once(this.#child.stdout!, "data"), once(this.#child.stderr!, "data"), once(this.#child, "exit")]);
    }
  }

  advanceClock(milliseconds: number): void {
    this.#child.send(milliseconds);
  }

  async ended(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended();
  }
}

/** Writes the blocks of the quick start to the folder, and runs them as the README says. Only the port is another one. */
export async function runQuickStart(folder: string, port: number): Promise<void> {
  await writeFile(join(folder, "clock.mjs"), movableClock);
  for (const block of blocksOf("README.md")) {
    const name = fileNameOf(block);
    if (name?.endsWith(".mjs")) await writeFile(join(folder, name), block.text.replaceAll("3000", String(port)));
  }
  const server = new Program(folder, "server.mjs");
  const running = [server];
  const start = (file: string): Program => {
    const program = new Program(folder, file);
    running.push(program);
    return program;
  };
  try {
    await Promise.race([listening(port), server.ended().then(() => Promise.reject(new Error(`The server ended:\n${server.output}`)))]);
    const alice = start("client.mjs");
    await alice.printed("signed in as alice", "sent");
    const bob = start("denied.mjs");
    const denial = ["{", "  error: {", "    guard: true,", "    code: 'forbidden',", "    status: 403,", "    message: 'You are not allowed to do this.',", "    event: 'ban'", "  }", "}"];
    await bob.printed(...denial);
    server.advanceClock(15 * 60_000);
    await bob.printed(...denial, "token_expired", "io server disconnect");
    // It does not reconnect, so that nothing keeps it running.
    await bob.ended();
    await alice.printed("signed in as alice", "sent", "signed in as alice");
  } finally {
    await Promise.all(running.map((program) => program.kill()));
  }
}

/** Resolves when a server listens. */
async function listening(port: number): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await fetch(`http://localhost:${port}/`);
      return;
    } catch (error) {
      if (attempt === 1_000) throw error;
      await new Promise((resolve) => void setTimeout(resolve, 50));
    }
  }
}
