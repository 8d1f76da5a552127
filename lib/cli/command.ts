/** The interface of a command. Each command is exported by a file of its own, which `main.ts` lists. */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { GuardError } from "../guard-error.js";

export interface Command {
  /** One line of `socket.io-guard --help`. */
  readonly summary: string;
  /** The output of its `--help`. */
  readonly help: string;
  /** The message of a GuardError is printed, and the exit code is 1. */
  run(args: readonly string[]): Promise<void>;
}

type Parsed<Config extends ParseArgsConfig> = ReturnType<typeof parseArgs<Config>>;

/**
 * Parses the arguments of a command as `config` declares them. The error does not repeat them, because they may contain a secret.
 * @throws GuardError `arguments_invalid`, with `usage` as its message
 */
export function readArguments<const Config extends Omit<ParseArgsConfig, "args" | "strict">>(args: readonly string[], config: Config, usage: string): Parsed<Config> {
  try {
    return parseArgs({ ...config, args: [...args], strict: true }) as Parsed<Config>;
  } catch {
    throw new GuardError("arguments_invalid", usage);
  }
}
