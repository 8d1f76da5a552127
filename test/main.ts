// npm test: compiles everything to JavaScript in build/, and runs the tests there, several files at a time. The tests start
// many processes, each of which would need another second or two to load TypeScript. `--long` makes all random draws. File
// names (test/**/*.test.ts) select the files to run. A single file also runs without this: npx mocha test/lib/guard.test.ts
import { spawn } from "node:child_process";
import { readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

/** More than the usual two cores, because tests mostly wait. */
const jobs = 3;
const { values: { long }, positionals } = parseArgs({ options: { long: { type: "boolean", default: false } }, allowPositionals: true });
// Far more than a test needs: a machine that is busy otherwise makes it slow, and fails no test.
const timeout = long ? 10 * 60_000 : 60_000;

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
rmSync("build", { recursive: true, force: true });
await build({
  entryPoints: ["lib/**/*.ts", "definitions/**/*.ts", "modules/**/*", "test/**/*.ts", ".env.example"],
  outdir: "build", outbase: ".",
  platform: "node", format: "esm", target: "node20", sourcemap: true, sourcesContent: false,
  loader: { ".js": "copy", ".html": "copy", ".css": "copy", ".svg": "copy", ".example": "copy", ".md": "copy" },
  logLevel: "warning",
});
for (const same of ["dist", "docs", "node_modules", "package.json"]) symlinkSync(join("..", same), join("build", same));

const files = positionals.length > 0 ? positionals : readdirSync("test", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".test.ts")).map((name) => join("test", name));
// Slow files start first, so that none of them runs alone at the end.
const takesLong = (file: string) => Number(/^test.(cluster|modules)\b/.test(file));
files.sort((one, other) => takesLong(other) - takesLong(one));

const seed = process.env["SEED"] ?? String(Math.floor(Math.random() * 2 ** 31));
console.log(`  random draws from SEED=${seed}`);
const mocha = spawn(process.execPath, [
  "--enable-source-maps", "node_modules/mocha/bin/mocha.js", "--no-config", "--reporter", "dot", "--require", "build/test/support/unhandled-rejections.js", "--timeout", String(timeout), "--parallel", "--jobs", String(jobs),
  ...files.map((file) => join("build", file.replace(/\.ts$/, ".js"))),
], { stdio: "inherit", env: { ...process.env, SEED: seed, ...(long && { DRAWS: "full" }) } });
mocha.on("exit", (code, signal) => { process.exitCode = signal === null ? code ?? 1 : 1; });
