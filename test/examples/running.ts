// Starts a script of an example, and ends it with all processes that it has started.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { stripVTControlCharacters } from "node:util";

const running = new Set<ChildProcess>();

export interface Running {
  /** The address that it has printed. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Runs a script of package.json, such as `"start"`, on a free port. Resolves when it has printed its address. */
export async function start(folder: string, script: string, args: readonly string[] = [], environment: Readonly<Record<string, string>> = {}): Promise<Running> {
  const child = spawn("npm", ["run", script, "--", ...args], {
    cwd: folder, detached: true, stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PORT: "0", NEXT_TELEMETRY_DISABLED: "1", NO_COLOR: "1", ...environment },
  });
  running.add(child);
  const url = await new Promise<string>((resolve, reject) => {
    let output = "";
    const read = (chunk: Buffer): void => {
      output += stripVTControlCharacters(chunk.toString());
      const printed = /http:\/\/\S+:\d+/.exec(output)?.[0];
      if (printed !== undefined) resolve(printed);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("exit", () => reject(new Error(`"npm run ${script}" ended:\n${output}`)));
    setTimeout(() => reject(new Error(`"npm run ${script}" printed no address:\n${output}`)), 120_000).unref();
  });
  return { url, stop: () => stop(child) };
}

export async function stopEverything(): Promise<void> {
  for (const child of running) await stop(child);
}

async function stop(child: ChildProcess): Promise<void> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  // The group: npm, its shell and the server.
  process.kill(-child.pid!, "SIGKILL");
  await exit;
}
