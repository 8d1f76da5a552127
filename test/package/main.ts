// Tests the package as it is published: lints the packed tarball and installs it into a new ESM and a new CommonJS project.
// In each, a guarded server has to run and a TypeScript file has to compile. The README's quick start is followed in an empty folder.
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runQuickStart } from "../docs/quick-start.js";
import { freePort } from "../support/ports.js";
import { commonJsProgram, esmProgram, typedProgram, typeScriptOptions } from "./consumers.js";
import { install, pack } from "./pack.js";
import { inRepository, repository, run } from "./run.js";

const temporary = await mkdtemp(join(tmpdir(), "socket.io-guard-"));
try {
  const tarball = await pack(temporary);
  await lintPackage(tarball);
  await tryProject("module", tarball, "program.mjs", esmProgram);
  await tryNewestTypes("module");
  await tryProject("commonjs", tarball, "program.cjs", commonJsProgram);
  await tryQuickStart(tarball);
  console.log("\nthe packed tarball passes publint, arethetypeswrong, ESM, CommonJS, TypeScript and the quick start");
} finally {
  await rm(temporary, { recursive: true, force: true });
}

async function lintPackage(tarball: string): Promise<void> {
  await run(repository, inRepository(".bin/publint"), ["run", tarball, "--strict"]);
  await run(repository, inRepository(".bin/attw"), [tarball, "--profile", "esm-only", "--no-emoji", "--format", "ascii"]);
}

async function tryProject(type: "module" | "commonjs", tarball: string, file: string, program: string): Promise<void> {
  console.log(`\na new project of type ${type}`);
  const folder = join(temporary, type);
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: `fresh-${type}`, private: true, type }));
  await install(folder, tarball, ...await peers());
  await writeFile(join(folder, file), program);
  await run(folder, process.execPath, [file]);
  await writeFile(join(folder, "typed.ts"), typedProgram);
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(typeScriptOptions));
  await compile(folder);
}

/** Tests the newest types of Node, too: a new project gets these, and they may lack names of the version that we build with. */
async function tryNewestTypes(type: "module" | "commonjs"): Promise<void> {
  const folder = join(temporary, type);
  await run(folder, "npm", ["install", "--silent", "--no-audit", "--no-fund", "@types/node@latest"]);
  await compile(folder);
}

/** Installs what the README says, with the tarball in place of the published package, and runs the quick start. */
async function tryQuickStart(tarball: string): Promise<void> {
  console.log("\nthe quick start in an empty folder");
  const folder = join(temporary, "quick-start");
  await mkdir(folder);
  const readme = await readFile(join(repository, "README.md"), "utf8");
  const packages = /^npm install ([^#\n]+)/m.exec(readme)![1]!.trim().split(" ").map((name) => (name === "socket.io-guard" ? tarball : name));
  await install(folder, ...packages);
  await runQuickStart(folder, await freePort());
  console.log("  a client is connected and stays so, another is denied and disconnected when its token ends");
}

async function compile(folder: string): Promise<void> {
  await run(folder, inRepository(".bin/tsc"), ["-p", "."]);
  const { version } = JSON.parse(await readFile(join(folder, "node_modules/@types/node/package.json"), "utf8")) as { version: string };
  console.log(`  TypeScript compiles with @types/node ${version}`);
}

// The versions that are installed here, because npm has them in its cache.
function peers(): Promise<string[]> {
  return Promise.all(["socket.io", "socket.io-client", "@types/node"].map(async (name) => {
    const { version } = JSON.parse(await readFile(inRepository(`${name}/package.json`), "utf8")) as { version: string };
    return `${name}@${version}`;
  }));
}
