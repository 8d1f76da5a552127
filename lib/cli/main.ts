#!/usr/bin/env node
/** `npx socket.io-guard <command>`: loads and runs a command. Errors are printed as one sentence, with exit code 1. */
import { GuardError } from "../guard-error.js";

interface Command {
  /** One line of `socket.io-guard --help`. */
  readonly summary: string;
  /** The output of its `--help`. */
  readonly help: string;
  /** The message of a GuardError is printed, and the exit code is 1. */
  run(args: readonly string[]): Promise<void>;
}

/** A command is loaded only when it runs, because it may need packages that others do not. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  audit: async () => (await import("./audit.js")).audit,
  doctor: async () => (await import("./doctor.js")).doctor,
  hash: async () => (await import("./hash.js")).hash,
  init: async () => (await import("./init/command.js")).init,
  key: async () => (await import("./key.js")).key,
};

async function run([name, ...args]: readonly string[]): Promise<void> {
  if (name === undefined || name === "--help" || name === "-h") return console.log(await overview());
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) {
    throw new GuardError("command_unknown", `There is no such command. The commands are ${Object.keys(commands).join(", ")}; \`socket.io-guard --help\` describes them.`);
  }
  const command = await load();
  if (args.includes("--help") || args.includes("-h")) console.log(command.help);
  else await command.run(args);
}

async function overview(): Promise<string> {
  const lines = await Promise.all(Object.entries(commands).map(async ([name, load]) => `  ${name.padEnd(8)}${(await load()).summary}`));
  return ["socket.io-guard <command> [--help]", "", ...lines].join("\n");
}

// Files that a command creates may hold hashes of keys: only their owner may read them.
process.umask(0o077);

try {
  await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof GuardError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
