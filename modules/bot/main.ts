/** A bot that posts with an API key: `npm run bot -- "The build is green."` or, without a text, the lines of its standard input. */
import { createInterface } from "node:readline";
import { readEnvironment } from "../settings/env-file.js";
import { StartError } from "../start-error.js";
import { readOptions } from "./options.js";
import { connectBot } from "./post.js";

try {
  const { url, key, text } = readOptions(process.argv.slice(2), readEnvironment(process.env));
  const bot = await connectBot(url, key);
  if (text !== undefined) await bot.post(text);
  else for await (const line of createInterface({ input: process.stdin })) if (line.trim() !== "") await bot.post(line);
  bot.close();
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  console.error(error.message);
  process.exit(1);
}
