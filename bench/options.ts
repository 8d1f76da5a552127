// The options of `npm run bench -- ...`.
import { parseArgs } from "node:util";

export interface Options {
  rounds: number;
  short: boolean;
  only: string[] | undefined;
}

export const usage = "npm run bench -- [--rounds N] [--short] [--only name,name]";

/** @throws Error if an option is unknown or invalid */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: { rounds: { type: "string" }, short: { type: "boolean", default: false }, only: { type: "string" } },
  });
  const rounds = Number(values.rounds ?? (values.short ? 1 : 5));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds must be a positive whole number, not "${values.rounds}".`);
  return { rounds, short: values.short, only: values.only?.split(",") };
}
