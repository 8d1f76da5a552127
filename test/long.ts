// npm run test:long: every test, the random ones with all their draws. Files given after `--` are run instead of all.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const mocha = fileURLToPath(new URL("../node_modules/mocha/bin/mocha.js", import.meta.url));
const minutes = 5;
const given = process.argv.slice(2);
// Never mocha's own choice: that would be this file, which starts mocha.
const files = given.length > 0 ? given : ["test/**/*.test.ts"];

const running = spawn(process.execPath, [mocha, "--timeout", String(minutes * 60_000), ...files], {
  stdio: "inherit",
  env: { ...process.env, DRAWS: "full" },
});
running.on("exit", (code, signal) => { process.exitCode = signal === null ? code ?? 1 : 1; });
