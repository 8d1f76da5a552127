/** Starts several nodes behind one port: `npm run start:cluster -- 3`. */
import { stopOnSignals } from "../server/signals.js";
import { loadEnvFile } from "../settings/env-file.js";
import { readSettings } from "../settings/settings.js";
import { endStart, StartError } from "../start-error.js";
import { welcome } from "../welcome.js";
import { Nodes } from "./nodes.js";

const mostNodes = 64;

function readCount(words: readonly string[]): number {
  const count = Number(words[0]);
  if (words.length === 1 && Number.isInteger(count) && count >= 1 && count <= mostNodes) return count;
  throw new StartError(`Say how many nodes there are to be, from 1 to ${mostNodes}, as in npm run start:cluster -- 3.`);
}

try {
  const count = readCount(process.argv.slice(2));
  // The nodes get their settings from here.
  const envFile = loadEnvFile(process.env);
  const settings = readSettings(process.env);
  if (settings.databaseUrl === undefined) throw new StartError("Several nodes need a database that they share: set DATABASE_URL=postgres://user:password@localhost/chat, or start one node with npm start.");
  const nodes = new Nodes();
  stopOnSignals(() => nodes.stop());
  const address = await nodes.start(count);
  if (address === undefined) process.exit(1);
  welcome(address, settings, envFile);
  console.log(`Its nodes are ${nodes.list()}.`);
} catch (error) {
  endStart(error);
}
