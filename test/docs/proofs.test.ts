// The programs of docs/why.md print what the page says, on bare Socket.IO and behind the guard.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { blocksOf, fileNameOf, root } from "./blocks.js";

const programs = blocksOf("docs/why.md").filter((block) => fileNameOf(block) !== undefined);

describe("The programs of docs/why.md", () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "socket.io-guard-"));
    await mkdir(join(folder, "node_modules"));
    await symlink(root, join(folder, "node_modules/socket.io-guard"));
    for (const name of ["socket.io", "socket.io-client", "jsonwebtoken"]) await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
    for (const program of programs) await writeFile(join(folder, fileNameOf(program)!), program.text);
  });

  after(() => rm(folder, { recursive: true, force: true }));

  for (const { text } of programs) {
    for (const [, file, guarded, expected] of text.matchAll(/^\/\/ node (\S+)( guarded)? {4,}(.+)$/gm)) {
      it(`show with ${file}${guarded ?? ""}: ${expected}`, async () => {
        const printed = await run(folder, [file!, ...(guarded === undefined ? [] : ["guarded"])]);
        if (expected!.startsWith("the process ends: ")) expect(printed).to.include(expected!.slice("the process ends: ".length));
        else expect(printed).to.equal(`${expected}\n`);
      });
    }
  }
});

/** What a program prints to standard output; if it fails, its error. */
function run(cwd: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd, timeout: 50_000 }, (error, output) => resolve(error === null ? output : error.message));
  });
}
