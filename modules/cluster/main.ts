/** Starts several nodes behind one port: `npm run start:cluster -- 3`. */
import { stopOnSignals } from "../server/signals.js";
import { loadEnvFile } from "../settings/env-file.js";
import { readSettings } from "../settings/settings.js";
import { endStart, StartError } from "../start-error.js";
import { welcome } from "../welcome.js";
import { Nodes } from "./nodes.js";

const maxNodes = 64;

function readCount(words: readonly string[]): number {
  const count = Number(words[0]);
  if (words.length === 1 && Number.isInteger(count) && count >= 1 && count <= maxNodes) return count;
  throw new StartError(`Give the number of nodes, from 1 to ${maxNodes}: npm run start:cluster -- 3.`);
}

try {
  const count = readCount(process.argv.slice(2));
  // The nodes inherit the environment of this process.
  const envFile = loadEnvFile(process.env);
  const settings = readSettings(process.env);
  if (settings.databaseUrl === undefined) throw new StartError("Several nodes need a shared database. Set DATABASE_URL=postgres://user:password@localhost/chat, or start a single node with npm start.");
  const nodes = new Nodes();
  stopOnSignals(() => nodes.stop());
  const address = await nodes.start(count);
  if (address === undefined) process.exit(1);
  welcome(address, settings, envFile);
  console.log(`Nodes: ${nodes.list()}`);
} catch (error) {
  endStart(error);
}
