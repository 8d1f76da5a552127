/** The settings of the bot: its API key and what to post. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { StartError } from "../start-error.js";
import { addressOf } from "../terminal/options.js";

export interface BotOptions {
  readonly url: string;
  readonly key: string;
  /** If undefined, the bot posts the lines of its standard input. */
  readonly text: string | undefined;
}

export function readOptions(words: string[], environment: NodeJS.ProcessEnv): BotOptions {
  const { url, texts } = parse(words);
  const key = environment["BOT_API_KEY"];
  if (key === undefined || key === "") throw new StartError(`BOT_API_KEY is missing. Create a key with npx socket.io-guard key create --store ${storeOf(environment)} --name "chat bot" --subject bot --scope write, and put it into .env.`);
  return { url: addressOf(url, environment), key, text: texts.length === 0 ? undefined : texts.join(" ") };
}

/** The store with the keys of the chat. An address may contain a password, so this names the variable instead. */
function storeOf(environment: NodeJS.ProcessEnv): string {
  if (environment["REDIS_URL"]) return '"$REDIS_URL"';
  return environment["DATABASE_URL"] ? '"$DATABASE_URL"' : `file:${join(environment["DATA_DIR"] || "data", "chat.db")}`;
}

function parse(words: string[]): { url: string | undefined; texts: string[] } {
  try {
    const { values, positionals } = parseArgs({ args: words, options: { url: { type: "string" } }, allowPositionals: true });
    return { url: values.url, texts: positionals };
  } catch {
    throw new StartError('Usage: npm run bot -- "The build is green." [--url http://localhost:3000], or write lines to its standard input.');
  }
}
