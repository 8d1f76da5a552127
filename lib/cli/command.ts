/** What a command is: a file of its own exports one, and `main.ts` names it. */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { GuardError } from "../guard-error.js";

export interface Command {
  /** One line of `socket.io-guard --help`. */
  readonly summary: string;
  /** What its own `--help` says. */
  readonly help: string;
  /** What it throws as GuardError is printed as a sentence, with exit code 1. */
  run(args: readonly string[]): Promise<void>;
}

type Parsed<Config extends ParseArgsConfig> = ReturnType<typeof parseArgs<Config>>;

/**
 * The arguments of a command, strictly as `config` declares them. The error does not repeat them: they may hold a secret.
 * @throws GuardError `arguments_invalid` with the usage that is given, a sentence
 */
export function readArguments<const Config extends Omit<ParseArgsConfig, "args" | "strict">>(args: readonly string[], config: Config, usage: string): Parsed<Config> {
  try {
    return parseArgs({ ...config, args: [...args], strict: true }) as Parsed<Config>;
  } catch {
    throw new GuardError("arguments_invalid", usage);
  }
}
