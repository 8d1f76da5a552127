// npm run test:long: every test, the random ones with all their draws. What is given after `--` goes to mocha.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const mocha = fileURLToPath(new URL("../node_modules/mocha/bin/mocha.js", import.meta.url));
const minutes = 5;

const running = spawn(process.execPath, [mocha, "--timeout", String(minutes * 60_000), ...process.argv.slice(2)], {
  stdio: "inherit",
  env: { ...process.env, DRAWS: "full" },
});
running.on("exit", (code, signal) => { process.exitCode = signal === null ? code ?? 1 : 1; });
