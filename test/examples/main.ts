// Tests the examples as a newcomer runs them: installs each with the packed tarball in place of the published package, starts it,
// connects clients with and without a token, and opens its page in Chromium. Runs the tests of docs/testing.md, too. Names select some of them.
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { install, pack } from "../package/pack.js";
import { repository } from "../package/run.js";
import { freePort } from "../support/ports.js";
import { checkEvents, checkException } from "./events.js";
import { checkPage, checkRestart, closeBrowser } from "./page.js";
import { start, stopEverything, type Running } from "./running.js";
import { tryJest, tryVitest } from "./test-runners.js";

/** What is run in each example, and what is checked. */
const examples: Readonly<Record<string, (folder: string) => Promise<void>>> = {
  express: async (folder) => checkEvents((await start(folder, "start")).url),
  fastify: async (folder) => checkEvents((await start(folder, "start")).url),
  commonjs: async (folder) => checkEvents((await start(folder, "start")).url),
  nestjs: async (folder) => {
    const { url } = await start(folder, "start");
    await checkEvents(url);
    await checkException(url);
  },
  react: async (folder) => {
    const environment = { JWT_SECRET: "a secret that outlives the server of the example", PORT: String(await freePort()) };
    const server = await start(folder, "start", [], environment);
    await check(server);
    await checkRestart(server, () => start(folder, "start", [], environment));
  },
  // A build takes half a minute. Hot reload is a websocket on the same server, which has to work beside Socket.IO.
  nextjs: async (folder) => check(await start(folder, "dev")),
  vite: async (folder) => {
    const server = await start(folder, "start");
    await check(server);
    await check(await start(folder, "dev", ["--port", "0"], { SERVER: server.url }));
  },
};

async function check({ url }: Running): Promise<void> {
  await checkEvents(url);
  await checkPage(url);
}

/** The test runners of docs/testing.md. */
const runners = { vitest: tryVitest, jest: tryJest };

const all: Readonly<Record<string, (folder: string, tarball: string) => Promise<void>>> = { ...Object.fromEntries(Object.keys(examples).map((name) => [name, tryExample])), ...runners };
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(all);
const temporary = await mkdtemp(join(tmpdir(), "socket.io-guard-examples-"));
try {
  const tarball = await pack(temporary);
  const left = [...names];
  // Two at a time: one installs while another one runs.
  await Promise.all([1, 2].map(async () => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const began = Date.now();
      await all[name]!(join(temporary, name), tarball);
      console.log(`  ${name} works (${Math.round((Date.now() - began) / 1000)} s)`);
    }
  }));
  console.log(`\nthe examples run: ${names.join(", ")}`);
} finally {
  await closeBrowser();
  await stopEverything();
  await rm(temporary, { recursive: true, force: true });
}

async function tryExample(folder: string, tarball: string): Promise<void> {
  const name = basename(folder);
  // What an earlier run of the example has left in its folder does not count.
  await cp(join(repository, "examples", name), folder, { recursive: true, filter: (file) => !/node_modules|\.next|[\\/]dist|package-lock/.test(file.slice(repository.length)) });
  const file = join(folder, "package.json");
  const description = JSON.parse(await readFile(file, "utf8")) as { dependencies: Record<string, string> };
  description.dependencies["socket.io-guard"] = `file:${tarball}`;
  await writeFile(file, JSON.stringify(description));
  await install(folder);
  await examples[name]!(folder);
}
