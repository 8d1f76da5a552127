// Small projects in temporary folders, in which packages are installed as links to those of this repository.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";

// The tests run from build/; they are started in the folder of the package.
const root = process.cwd();

/** The packages of a project: their names, and where they are. */
const installed = {
  typescript: "node_modules/typescript", "socket.io": "node_modules/socket.io", "socket.io-client": "node_modules/socket.io-client", zod: "node_modules/zod",
  "@types": "node_modules/@types", "socket.io-guard": ".",
};

const folders: string[] = [];

after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Creates a project and returns its folder. */
export function projectWith(files: Readonly<Record<string, string>>, packages: Readonly<Record<string, string>> = installed): string {
  const folder = mkdtempSync(join(tmpdir(), "socket.io-guard-init-"));
  folders.push(folder);
  for (const [name, place] of Object.entries(packages)) {
    mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
    symlinkSync(join(root, place), join(folder, "node_modules", name));
  }
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

export async function node(folder: string, ...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const [code, out, err] = await Promise.all([new Promise<number>((resolve) => child.once("close", resolve)), text(child.stdout), text(child.stderr)]);
  return { code, out, err };
}

/** `npx socket.io-guard init` in this folder. */
export function init(folder: string, ...args: readonly string[]): ReturnType<typeof node> {
  return node(folder, join(root, "dist/cli/main.js"), "init", ...args);
}
