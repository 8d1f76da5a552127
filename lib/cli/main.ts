#!/usr/bin/env node
/** `npx socket.io-guard <command>`: finds the command's own file and runs it. What goes wrong is one sentence, and exit code 1. */
import { GuardError } from "../guard-error.js";
import type { Command } from "./command.js";

/** Each command is a file of its own, loaded when it is asked for: it may need packages that another does not. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  hash: async () => (await import("./hash.js")).hash,
  key: async () => (await import("./key.js")).key,
};

async function run([name, ...args]: readonly string[]): Promise<void> {
  if (name === undefined || name === "--help" || name === "-h") return console.log(await overview());
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) {
    throw new GuardError("command_unknown", `There is no such command: socket.io-guard knows ${Object.keys(commands).join(", ")}, and --help says what they do.`);
  }
  const command = await load();
  if (args.includes("--help") || args.includes("-h")) console.log(command.help);
  else await command.run(args);
}

async function overview(): Promise<string> {
  const lines = await Promise.all(Object.entries(commands).map(async ([name, load]) => `  ${name.padEnd(8)}${(await load()).summary}`));
  return ["socket.io-guard <command> [--help]", "", ...lines].join("\n");
}

// What a command makes, hashes of keys among it, is for its owner alone.
process.umask(0o077);

try {
  await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof GuardError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
