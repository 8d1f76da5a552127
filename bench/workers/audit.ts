// Counts denials and writes records, on the built package.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as Audit from "../../lib/audit/index.js";
import type * as Repeats from "../../lib/audit/repeats.js";
import { quantile } from "../framework/statistics.js";
import { answerCommands } from "../framework/worker.js";

const { RepeatedEvents } = await built<typeof Repeats>("audit/repeats.js");
const { jsonlAudit } = await built<typeof Audit>("audit/index.js");

const perBatch = 1_000;
const denials = Array.from({ length: perBatch }, (_, nth) => ({ id: `socket-${nth % 100}`, subject: `user-${nth % 100}`, method: "jwt", namespace: "/", address: "192.0.2.1", code: "forbidden" as const, event: `event-${nth % 10}`, reason: "the check returned false" }));

/** Nanoseconds per denial, the 10th percentile of all batches. */
async function repeated(batches: number): Promise<number> {
  const events = new RepeatedEvents(() => undefined);
  return measured(batches, () => { for (const denied of denials) events.add("denied", { ...denied }); });
}

/** Nanoseconds per record. */
async function jsonl(batches: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "socket.io-guard-"));
  const store = jsonlAudit({ path: join(folder, "audit.jsonl"), sync: "never" });
  const records = denials.map(({ id, ...rest }) => ({ time: 1_700_000_000_000, type: "denied" as const, socket: id, ...rest }));
  const result = await measured(batches, () => store.write(records));
  await store.close?.();
  rmSync(folder, { recursive: true });
  return result;
}

async function measured(batches: number, batch: () => void | Promise<void>): Promise<number> {
  const all: number[] = [];
  for (let nth = 0; nth < batches; nth += 1) {
    const start = process.hrtime.bigint();
    await batch();
    all.push(Number(process.hrtime.bigint() - start) / perBatch);
  }
  return quantile(all.slice(batches / 2), 0.1);
}

// The internals of the package as it is published, not as tsx would compile it.
function built<Module>(file: string): Promise<Module> {
  return import(new URL(`../../dist/${file}`, import.meta.url).href) as Promise<Module>;
}

answerCommands({ repeated, jsonl });
