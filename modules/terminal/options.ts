/** What the terminal client is told on its command line. */
import { parseArgs } from "node:util";
import { StartError } from "../start-error.js";

export interface TerminalOptions {
  readonly url: string;
  /** Without one it is a guest. */
  readonly user: string | undefined;
  /** Without one it is asked for. */
  readonly password: string | undefined;
}

export const usage = "Say who you are: npm run chat -- --user bob [--url http://localhost:3000] [--password ...]";

export function readOptions(words: string[], environment: NodeJS.ProcessEnv): TerminalOptions {
  const { user, url, password } = parse(words);
  if (user === "") throw new StartError(usage);
  return { user, url: addressOf(url, environment), password: password ?? environment["PASSWORD"] };
}

/** Where the chat is: as it was said, else on this machine. */
export function addressOf(url: string | undefined, environment: NodeJS.ProcessEnv): string {
  const scheme = environment["TLS_KEY"] ? "https" : "http";
  const address = url ?? `${scheme}://localhost:${environment["PORT"] || 3_000}`;
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) throw new StartError(`--url must be an address such as http://localhost:3000, and not ${address}.`);
  return new URL(address).origin;
}

function parse(words: string[]): { user?: string; url?: string; password?: string } {
  try {
    return parseArgs({ args: words, options: { user: { type: "string" }, url: { type: "string" }, password: { type: "string" } } }).values;
  } catch {
    throw new StartError(usage);
  }
}
