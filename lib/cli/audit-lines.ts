/** Reads the records of an audit log, and follows it while it grows and when a new file is begun. */
import { createReadStream, existsSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { pathsOf } from "../audit/jsonl/files.js";

export interface Shown {
  readonly time: number;
  readonly [field: string]: unknown;
}

/** The records of all files, the oldest first. */
export async function* recordsOf(path: string): AsyncGenerator<Shown> {
  const paths = pathsOf(path);
  for (const each of paths) {
    // While a new file is begun, it is missing for a moment.
    if (each === path && paths.length > 1 && !existsSync(each)) return;
    for await (const line of createInterface({ input: createReadStream(each), crlfDelay: Infinity })) yield* recordIn(line);
  }
}

// Milliseconds.
const pollInterval = 200;
// How much of what is there is shown.
const shownBytes = 4_000;

/** The last records, and then those that are added. It does not end. */
export async function* follow(path: string): AsyncGenerator<Shown> {
  let file = await open(path);
  let position = Math.max(0, (await file.stat()).size - shownBytes);
  let rest = "";
  for (;;) {
    const current = await stat(path).catch(() => undefined);
    const { ino, size } = await file.stat();
    const isReplaced = current !== undefined && current.ino !== ino;
    if (size < position) [position, rest] = [0, ""];
    while (position < size) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(65_536, size - position)), 0, undefined, position);
      position += bytesRead;
      const lines = (rest + buffer.toString("latin1", 0, bytesRead)).split("\n");
      rest = lines.pop()!;
      for (const line of lines) yield* recordIn(Buffer.from(line, "latin1").toString());
    }
    // All of the old file was read after the new one was there.
    if (isReplaced) {
      await file.close();
      file = await open(path);
      [position, rest] = [0, ""];
    } else await wait(pollInterval);
  }
}

/** What is about the file itself, or is not a line of an audit log, is left out: `verify` tells of it. */
function* recordIn(line: string): Generator<Shown> {
  try {
    const record = JSON.parse(line) as Partial<Shown> | null;
    const isRecord = typeof record?.time === "number" && Math.abs(record.time) <= 8.64e15 && typeof record["type"] === "string";
    if (isRecord && record["type"] !== "file") yield record as Shown;
  } catch {
    // The line is unfinished.
  }
}
