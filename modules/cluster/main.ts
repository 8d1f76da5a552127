/** Starts several nodes behind one port: `npm run start:cluster -- 3`. Without DATABASE_URL, they share a Postgres that ends with them. */
import { stopOnSignals } from "../server/signals.js";
import { loadEnvFile } from "../settings/env-file.js";
import { readSettings } from "../settings/settings.js";
import { endStart, StartError } from "../start-error.js";
import { welcome } from "../welcome.js";
import { openEmbeddedPostgres } from "./embedded-postgres.js";
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
  const postgres = settings.databaseUrl === undefined ? await openEmbeddedPostgres() : undefined;
  const nodes = new Nodes(postgres && { DATABASE_URL: postgres.url });
  stopOnSignals(async () => {
    await nodes.stop();
    await postgres?.close();
  });
  const address = await nodes.start(count);
  if (address === undefined) process.exit(1);
  welcome(address, settings, envFile);
  if (postgres !== undefined) console.log("The nodes share a Postgres of their own, which begins empty. DATABASE_URL selects one that keeps its data.");
  console.log(`Nodes: ${nodes.list()}`);
} catch (error) {
  endStart(error);
}
