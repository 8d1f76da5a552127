// Runs the tests of docs/testing.md as that page says, in a new project with the packed tarball.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { blocksOf, fileNameOf } from "../docs/blocks.js";
import { install } from "../package/pack.js";
import { run } from "../package/run.js";

const files = new Map(blocksOf("docs/testing.md").map((block) => [fileNameOf(block), block.text]));

// The tests wait for events. Their usual five seconds may be short on a machine that is busy.
const timeout = "--testTimeout=60000";

function file(name: string): string {
  const text = files.get(name);
  assert.ok(text !== undefined, `docs/testing.md has no file ${name}`);
  return text;
}

/** Vitest 5 needs Node 22. */
export async function tryVitest(folder: string, tarball: string): Promise<void> {
  await prepare(folder, ["chat.mjs", "chat.test.mjs"]);
  await install(folder, tarball, "socket.io", "socket.io-client", "vitest@4");
  await run(folder, "npx", ["vitest", "run", timeout]);
}

export async function tryJest(folder: string, tarball: string): Promise<void> {
  await prepare(folder, ["chat.mjs", "jest.config.cjs", "message.test.cjs"]);
  // The same test as for Vitest, with the import that the page shows for Jest.
  const test = file("chat.test.mjs").replace(/^import .* from "vitest";$/m, /^import .*$/m.exec(file("jest-import.mjs"))![0]);
  await writeFile(join(folder, "chat.test.mjs"), test);
  await install(folder, tarball, "socket.io", "socket.io-client", "jest@30", "@babel/plugin-transform-modules-commonjs@7");
  await run(folder, "npx", ["jest", timeout, "message.test.cjs"]);
  await run(folder, process.execPath, ["--experimental-vm-modules", "node_modules/jest/bin/jest.js", "--config", "{}", timeout, "chat.test.mjs"]);
}

async function prepare(folder: string, names: readonly string[]): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "tested", private: true }));
  for (const name of names) await writeFile(join(folder, name), file(name));
}
