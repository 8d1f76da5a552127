// Starts a script of an example, and ends it with all processes that it has started.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { stripVTControlCharacters } from "node:util";

const running: ChildProcess[] = [];

/** Runs a script of package.json, such as `"start"`. Resolves with the address that it prints, which is on a free port. */
export function start(folder: string, script: string, args: readonly string[] = [], environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const child = spawn("npm", ["run", script, "--", ...args], {
    cwd: folder, detached: true, stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PORT: "0", NEXT_TELEMETRY_DISABLED: "1", NO_COLOR: "1", ...environment },
  });
  running.push(child);
  return new Promise((resolve, reject) => {
    let output = "";
    const read = (chunk: Buffer): void => {
      output += stripVTControlCharacters(chunk.toString());
      const url = /http:\/\/\S+:\d+/.exec(output)?.[0];
      if (url !== undefined) resolve(url);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("exit", () => reject(new Error(`"npm run ${script}" ended:\n${output}`)));
    setTimeout(() => reject(new Error(`"npm run ${script}" printed no address:\n${output}`)), 120_000).unref();
  });
}

export async function stopEverything(): Promise<void> {
  for (const child of running) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exit = once(child, "exit");
    // The group: npm, its shell and the server.
    process.kill(-child.pid!, "SIGKILL");
    await exit;
  }
}
