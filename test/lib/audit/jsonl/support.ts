// Audit files in a folder of their own, and what may be done to them.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jsonlAudit, type AuditRecord, type AuditStore, type JsonlAuditOptions } from "../../../../lib/audit/index.js";
import { closeLater } from "../../../support/server.js";

export const key = "the key of the audit files of the tests, thirty-two bytes and more";

export async function newPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "socket.io-guard-"));
  closeLater(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "audit.jsonl");
}

export function opened(path: string, options: Omit<JsonlAuditOptions, "path"> = {}): Required<AuditStore> {
  const store = jsonlAudit({ path, sync: "never", ...options }) as Required<AuditStore>;
  closeLater(() => store.close());
  return store;
}

export function records(from: number, to: number): AuditRecord[] {
  return Array.from({ length: to - from }, (_, nth) => ({ time: 1_000 + from + nth, type: "action", action: `number ${from + nth}`, actor: "Zoë \u2028 \n" }));
}

/** Writes records in batches of five to a file that is then closed. */
export async function written(count: number, options: Omit<JsonlAuditOptions, "path"> = {}): Promise<string> {
  const path = await newPath();
  const store = opened(path, options);
  for (let from = 0; from < count; from += 5) await store.write(records(from, Math.min(count, from + 5)));
  await store.close();
  return path;
}

/** The actions that the files hold, the oldest first. */
export async function actionsIn(path: string): Promise<string[]> {
  const folder = join(path, "..");
  const numbers = (await readdir(folder)).flatMap((name) => /^audit\.jsonl\.(\d+)$/.exec(name)?.[1] ?? []).map(Number).sort((one, other) => one - other);
  const texts = await Promise.all([...numbers.map((number) => `${path}.${number}`), path].map((each) => readFile(each, "utf8")));
  return texts.join("").split("\n").filter((line) => line !== "").flatMap((line) => (JSON.parse(line) as { action?: string }).action ?? []);
}
