// A project of a host in a folder of its own, with the built package, to see what happens when an optional package is missing.
import { execFile } from "node:child_process";
import { cpSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { closeLater } from "./server.js";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);

/** A project with the guard, what it always needs, and these packages. */
export async function projectWith(...packages: string[]): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "project-"));
  closeLater(() => rm(home, { recursive: true, force: true }));
  const modules = join(home, "node_modules");
  await mkdir(join(modules, "@node-rs"), { recursive: true });
  for (const name of ["leven", "ms", ...packages]) await symlink(join(repository, "node_modules", name), join(modules, name));
  await mkdir(join(modules, "socket.io-guard"));
  // Types are left out: half as many files to copy.
  for (const part of ["dist", "package.json"]) cpSync(join(repository, part), join(modules, "socket.io-guard", part), { recursive: true, dereference: true, filter: (name) => !name.endsWith(".d.ts") });
  return home;
}

/** What a program of the project prints: the result of the expression, or the code and the message of the error. */
export async function resultOf(home: string, imports: string, expression: string): Promise<string> {
  await writeFile(join(home, "program.mjs"), `
    ${imports}
    try {
      console.log(${expression});
    } catch (error) { console.log(error.code, error.message); }
  `);
  return (await run(process.execPath, ["program.mjs"], { cwd: home })).stdout.trim();
}
