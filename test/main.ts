// npm test: makes plain JavaScript of everything in build/, and runs the tests there, several files at a time. A process that
// has to read TypeScript starts a second or two later, and the tests start many. `--long` draws all random draws; files
// (test/**/*.test.ts) are run instead of all. A file by itself also runs as it is: npx mocha test/lib/guard.test.ts
import { spawn } from "node:child_process";
import { readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

/** More than there are cores, as most tests wait. */
const jobs = 3;
const { values: { long }, positionals } = parseArgs({ options: { long: { type: "boolean", default: false } }, allowPositionals: true });
const timeout = long ? 5 * 60_000 : 20_000;

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
rmSync("build", { recursive: true, force: true });
await build({
  entryPoints: ["lib/**/*.ts", "definitions/**/*.ts", "modules/**/*", "test/**/*.ts", ".env.example"],
  outdir: "build", outbase: ".",
  platform: "node", format: "esm", target: "node20", sourcemap: true, sourcesContent: false,
  loader: { ".js": "copy", ".html": "copy", ".css": "copy", ".svg": "copy", ".example": "copy" },
  logLevel: "warning",
});
for (const same of ["dist", "docs", "node_modules", "package.json"]) symlinkSync(join("..", same), join("build", same));

const files = positionals.length > 0 ? positionals : readdirSync("test", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".test.ts")).map((name) => join("test", name));
// Those that take long begin first, or one of them would run alone at the end.
const takesLong = (file: string) => Number(/^test.(cluster|modules)\b/.test(file));
files.sort((one, other) => takesLong(other) - takesLong(one));

const seed = process.env["SEED"] ?? String(Math.floor(Math.random() * 2 ** 31));
console.log(`  random draws from SEED=${seed}`);
const mocha = spawn(process.execPath, [
  "--enable-source-maps", "node_modules/mocha/bin/mocha.js", "--no-config", "--reporter", "dot", "--timeout", String(timeout), "--parallel", "--jobs", String(jobs),
  ...files.map((file) => join("build", file.replace(/\.ts$/, ".js"))),
], { stdio: "inherit", env: { ...process.env, SEED: seed, ...(long && { DRAWS: "full" }) } });
mocha.on("exit", (code, signal) => { process.exitCode = signal === null ? code ?? 1 : 1; });
