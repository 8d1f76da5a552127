/** What the bot is told: its key, and what to say. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { StartError } from "../start-error.js";
import { addressOf } from "../terminal/options.js";

export interface BotOptions {
  readonly url: string;
  readonly key: string;
  /** Without one it says what it reads. */
  readonly text: string | undefined;
}

export function readOptions(words: string[], environment: NodeJS.ProcessEnv): BotOptions {
  const { url, texts } = parse(words);
  const key = environment["BOT_API_KEY"];
  if (key === undefined || key === "") throw new StartError(`The bot has no key: start the chat, make one with npx socket.io-guard key create --store ${storeOf(environment)} --name "chat bot" --subject bot --scope write, and put it into .env as BOT_API_KEY.`);
  return { url: addressOf(url, environment), key, text: texts.length === 0 ? undefined : texts.join(" ") };
}

/** Where the chat keeps its keys. An address may hold a password, so its setting is named instead. */
function storeOf(environment: NodeJS.ProcessEnv): string {
  if (environment["REDIS_URL"]) return '"$REDIS_URL"';
  return environment["DATABASE_URL"] ? '"$DATABASE_URL"' : `file:${join(environment["DATA_DIR"] || "data", "chat.db")}`;
}

function parse(words: string[]): { url: string | undefined; texts: string[] } {
  try {
    const { values, positionals } = parseArgs({ args: words, options: { url: { type: "string" } }, allowPositionals: true });
    return { url: values.url, texts: positionals };
  } catch {
    throw new StartError('Say what to post: npm run bot -- "The build is green." [--url http://localhost:3000], or write lines to its standard input.');
  }
}
