/** The command line of the terminal client. */
import { parseArgs } from "node:util";
import { StartError } from "../start-error.js";

export interface TerminalOptions {
  readonly url: string;
  /** Undefined for a guest. */
  readonly user: string | undefined;
  /** If undefined, the program asks for it. */
  readonly password: string | undefined;
}

export const usage = "Usage: npm run chat -- --user bob [--url http://localhost:3000] [--password ...]";

export function readOptions(words: string[], environment: NodeJS.ProcessEnv): TerminalOptions {
  const { user, url, password } = parse(words);
  if (user === "") throw new StartError(usage);
  return { user, url: addressOf(url, environment), password: password ?? environment["PASSWORD"] };
}

/** The address of the chat. Defaults to this machine. */
export function addressOf(url: string | undefined, environment: NodeJS.ProcessEnv): string {
  const scheme = environment["TLS_KEY"] ? "https" : "http";
  const address = url ?? `${scheme}://localhost:${environment["PORT"] || 3_000}`;
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) throw new StartError(`--url must be an address such as http://localhost:3000, not ${address}.`);
  return new URL(address).origin;
}

function parse(words: string[]): { user?: string; url?: string; password?: string } {
  try {
    return parseArgs({ args: words, options: { user: { type: "string" }, url: { type: "string" }, password: { type: "string" } } }).values;
  } catch {
    throw new StartError(usage);
  }
}
