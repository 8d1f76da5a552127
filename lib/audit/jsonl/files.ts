/** The files of an audit log: the one that is written, earlier ones with a number behind their name, the head and the lock. */
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { basename, dirname } from "node:path";
import { parseLine, recordIn, sealOf, type Key, type Line, type Link } from "./chain.js";

export function earlierFile(path: string, number: number): string {
  return `${path}.${number}`;
}

/** Names the last line, so that it is noticed when lines at the end are removed. */
export function headFile(path: string): string {
  return `${path}.head`;
}

export function lockFile(path: string): string {
  return `${path}.lock`;
}

/** The numbers of the earlier files, in their order. */
export function earlierFiles(path: string): readonly number[] {
  const prefix = `${basename(path)}.`;
  return readdirSync(dirname(path)).flatMap((name) => {
    const number = name.startsWith(prefix) ? name.slice(prefix.length) : "";
    return /^[1-9]\d{0,9}$/.test(number) ? [Number(number)] : [];
  }).sort((one, other) => one - other);
}

export function pathsOf(path: string): readonly string[] {
  return [...earlierFiles(path).map((number) => earlierFile(path, number)), path];
}

/** The last line that was written, and the number of its file. */
export interface Head extends Link {
  readonly file: number;
}

// A file of a fixed size is written in one piece.
const headLength = 192;

/** With a key, it has a seal: otherwise who cuts off the last lines could name the one that is now the last. */
export function headText({ seq, hash, file }: Head, key: Key): string {
  return `${JSON.stringify({ seq, hash, file, seal: sealOf(`${seq} ${hash} ${file}`, key) }).padEnd(headLength - 1)}\n`;
}

/** Undefined if there is no head, if it cannot be read, or if it was not made with the key. */
export function readHead(path: string, key: Key): Head | undefined {
  try {
    const { seq, hash, file, seal } = JSON.parse(readFileSync(headFile(path), "utf8")) as Partial<Head> & { readonly seal?: string };
    if (!Number.isSafeInteger(seq) || !Number.isSafeInteger(file) || typeof hash !== "string") return undefined;
    return key === undefined || seal === sealOf(`${seq} ${hash} ${file}`, key) ? { seq: seq!, hash, file: file! } : undefined;
  } catch {
    return undefined;
  }
}

/** How a file ends. */
export interface Ending {
  /** The last line that is complete; undefined if it does not have the form of a line. */
  readonly line: Line | undefined;
  /** The number in the first line; undefined if that is not the first line of an audit file. */
  readonly file: number | undefined;
  /** How many bytes the complete lines have. */
  readonly size: number;
  /** How many bytes follow them. */
  readonly torn: number;
}

/** The longest line. Records are much shorter. */
export const maxLine = 1_000_000;

/** Undefined if there is no such file. */
export function endingOf(path: string): Ending | undefined {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const { size: length } = fstatSync(fd);
    const tail = read(fd, Math.max(0, length - 2 * maxLine), length);
    const end = tail.lastIndexOf("\n");
    const line = tail.slice(tail.lastIndexOf("\n", end - 1) + 1, Math.max(0, end));
    const size = length - (tail.length - end - 1);
    return { line: end <= 0 ? undefined : parseLine(line), file: fileNumber(read(fd, 0, Math.min(length, 1_024))), size, torn: length - size };
  } finally {
    closeSync(fd);
  }
}

function fileNumber(head: string): number | undefined {
  const first = parseLine(head.split("\n", 1)[0]!);
  const file = first && recordIn(first)?.["file"];
  return typeof file === "number" ? file : undefined;
}

function read(fd: number, from: number, to: number): string {
  const bytes = Buffer.alloc(to - from);
  return bytes.toString("latin1", 0, readSync(fd, bytes, 0, bytes.length, from));
}
