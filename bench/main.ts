// npm run bench: measures the cost of the guard, compared with a bare server and with the usual name. See options.ts.
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { audit } from "./audit.js";
import { cluster } from "./cluster.js";
import { expiry, revocation } from "./endings.js";
import { denials } from "./denials.js";
import { events, eventsWithAcks } from "./events.js";
import { isMet, type Bench, type Result } from "./framework/result.js";
import { printGoals, printResult } from "./framework/table.js";
import { benchAuthenticators, handshakes } from "./handshakes.js";
import { flood } from "./flood.js";
import { frame, packet, socket } from "./inside.js";
import { limits } from "./limits.js";
import { memory } from "./memory.js";
import { readOptions, usage, type Options } from "./options.js";
import { refreshes } from "./refreshes.js";
import { revocations } from "./revocations.js";
import { roomLookup } from "./room-lookup.js";
import { broadcasts, joins, presence, rejudging } from "./rooms.js";
import { verdict } from "./verdict.js";

const benches: Record<string, Bench> = {
  "events": events,
  "acks": eventsWithAcks,
  "frame": frame,
  "packet": packet,
  "socket": socket,
  "verdict": verdict,
  "flood": flood,
  "audit": audit,
  "denials": denials,
  "handshakes": handshakes,
  "authenticators": benchAuthenticators,
  "memory": memory,
  "revocation": revocation,
  "expiry": expiry,
  "cluster": cluster,
  "refreshes": refreshes,
  "revocations": revocations,
  "room-lookup": roomLookup,
  "limits": limits,
  "joins": joins,
  "broadcasts": broadcasts,
  "presence": presence,
  "rejudging": rejudging,
};

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  process.exitCode = 1;
}

async function main(options: Options): Promise<void> {
  const { rounds, short } = options;
  console.log(`${rounds} interleaved ${rounds === 1 ? "round" : "rounds"} of each, in new processes${short ? ", short" : ""}; median (min..max); Node ${process.version}, ${machine()}`);
  const results: Result[] = [];
  for (const bench of chosen(options.only)) {
    const result = await bench({ rounds, short });
    printResult(result);
    results.push(result);
  }
  printGoals(results.flatMap(({ goals }) => goals));
  store(options, results);
}

function chosen(only: string[] | undefined): Bench[] {
  return (only ?? Object.keys(benches)).map((name) => {
    const bench = benches[name];
    if (bench === undefined) throw new Error(`There is no bench "${name}". The benches are ${Object.keys(benches).join(", ")}.`);
    return bench;
  });
}

function store({ rounds, short }: Options, results: Result[]): void {
  const folder = new URL("./results/", import.meta.url);
  const at = new Date().toISOString();
  const goals = results.flatMap((result) => result.goals.map((goal) => ({ ...goal, met: isMet(goal) })));
  const file = new URL(`${at.replaceAll(":", "-")}.json`, folder);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, JSON.stringify({ at, node: process.version, machine: machine(), rounds, short, results, goals }, null, 2) + "\n");
  console.log(`\nwritten to bench/results/${at.replaceAll(":", "-")}.json`);
}

function machine(): string {
  const cores = cpus();
  return `${cores.length} x ${cores[0]?.model ?? "unknown"}`;
}
