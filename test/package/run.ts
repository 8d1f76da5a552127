// Runs a command and shows its output. Throws if the command fails.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const minutes = 3;

export const repository = fileURLToPath(new URL("../../", import.meta.url));

export const inRepository = (file: string): string => `${repository}node_modules/${file}`;

export function run(folder: string, command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const running = spawn(command, args, { cwd: folder, stdio: ["ignore", "inherit", "inherit"], timeout: minutes * 60_000 });
    running.on("error", reject);
    running.on("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`"${command} ${args.join(" ")}" ended with ${code ?? "a signal"}`));
    });
  });
}
