// Tests the packed package with each TypeScript and Socket.IO that it supports: a program that uses every entry point compiles as an ES
// module and for a bundler, with `skipLibCheck: false`, and a guarded server runs. It installs everything once.
import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { commonJsProgram, esmProgram, matrixProgram } from "./consumers.js";
import { install, pack } from "./pack.js";
import { run } from "./run.js";

const typeScripts = ["5.4", "5.9", "6", "latest"];

const modules = {
  node16: { module: "node16", files: ["program.mts"] },
  nodenext: { module: "nodenext", files: ["program.mts"] },
  bundler: { module: "esnext", moduleResolution: "bundler", files: ["program.ts"] },
};

/** Errors of Socket.IO's own types, which a program without the guard has, too: engine.io is compiled for newer types of Node. */
const errorsOfSocketIo = /^node_modules\/engine\.io\/.*error TS2315: Type .Buffer. is not generic\.$/;

const started = Date.now();
const temporary = await mkdtemp(join(tmpdir(), "socket.io-guard-"));
try {
  const tarball = await pack(temporary);
  const newest = await createProject("newest", tarball, "socket.io@4", "socket.io-client@4", "zod@4", "kysely@0.28", "prom-client@15", "@opentelemetry/api@1", "@types/node@20",
    ...typeScripts.map((version) => `typescript-${version}@npm:typescript@${version}`));
  const oldest = await createProject("oldest", tarball, "socket.io@4.8.0", "socket.io-client@4.8.0");
  for (const folder of [newest, oldest]) await runServers(folder);
  await writePrograms(newest);
  await compileAll(newest);
  console.log(`\nevery TypeScript and Socket.IO passes, after ${Math.round((Date.now() - started) / 1_000)} s`);
} finally {
  await rm(temporary, { recursive: true, force: true });
}

async function createProject(name: string, ...packages: readonly string[]): Promise<string> {
  const folder = join(temporary, name);
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), JSON.stringify({ name, private: true }));
  await install(folder, ...packages);
  return folder;
}

async function runServers(folder: string): Promise<void> {
  console.log(`\nSocket.IO ${await versionOf(folder, "socket.io")} as an ES module and as CommonJS`);
  await writeFile(join(folder, "server.mjs"), esmProgram);
  await writeFile(join(folder, "server.cjs"), commonJsProgram);
  for (const file of ["server.mjs", "server.cjs"]) await run(folder, process.execPath, [file]);
}

/** The same program, for TypeScript an ES module and for a bundler. main.ts compiles one in CommonJS, which needs TypeScript 5.8 or newer. */
async function writePrograms(folder: string): Promise<void> {
  const { exports } = JSON.parse(await readFile(join(folder, "node_modules/socket.io-guard/package.json"), "utf8")) as { exports: Record<string, unknown> };
  const entryPoints = Object.keys(exports).filter((name) => !name.endsWith(".json")).map((name) => `socket.io-guard${name.slice(1)}`);
  await writeFile(join(folder, "program.ts"), matrixProgram(entryPoints));
  await cp(join(folder, "program.ts"), join(folder, "program.mts"));
  for (const [name, { files, ...options }] of Object.entries(modules)) {
    const compilerOptions = { ...options, target: "es2022", strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true, types: ["node"] };
    await writeFile(join(folder, `${name}.json`), JSON.stringify({ compilerOptions, files }));
  }
}

/** Compiles two at a time. */
async function compileAll(folder: string): Promise<void> {
  const waiting = typeScripts.flatMap((version) => Object.keys(modules).map((module) => ({ version, module })));
  const errors: string[] = [];
  const compileNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) errors.push(...await compile(folder, next));
  };
  await Promise.all([compileNext(), compileNext()]);
  if (errors.length > 0) throw new Error(errors.join("\n"));
}

async function compile(folder: string, { version, module }: { readonly version: string; readonly module: string }): Promise<string[]> {
  const compiler = spawn(process.execPath, [`node_modules/typescript-${version}/bin/tsc`, "-p", `${module}.json`, "--pretty", "false"], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  const [output, code] = await Promise.all([text(compiler.stdout), new Promise<number | null>((resolve) => compiler.once("close", resolve))]);
  const all = output.split("\n").filter((line) => /error TS/.test(line));
  const errors = code !== 0 && all.length === 0 ? [`it ended with ${code}`] : all.filter((line) => !errorsOfSocketIo.test(line.trim()));
  const name = `TypeScript ${await versionOf(folder, `typescript-${version}`)}, ${module}`;
  console.log(`  ${name}: ${errors.length === 0 ? "compiles" : "FAILED"}`);
  return errors.map((error) => `${name}: ${error}`);
}

async function versionOf(folder: string, name: string): Promise<string> {
  return (JSON.parse(await readFile(join(folder, "node_modules", name, "package.json"), "utf8")) as { version: string }).version;
}
