/**
 * The lines of an audit file. Each has a number, and a hash over the hash of the line before and its own content, so that a line
 * cannot be changed, removed or moved without changing all that follow.
 */
import { createHmac, hash as digest } from "node:crypto";

/** Where a chain has arrived: at its last line. */
export interface Link {
  /** The number of the line. The first line has 1. */
  readonly seq: number;
  readonly hash: string;
}

/** A line, read. */
export interface Line extends Link {
  /** Everything before the hash. */
  readonly content: string;
}

/** Before the first line. */
export const start: Link = Object.freeze({ seq: 0, hash: "A".repeat(43) });

/** What lines of a file are about the file itself. They are numbered and hashed like all others. */
export type FileLine =
  /** The first line of each file: its number, the number of the oldest file that was there, and the hash of the line before it. */
  | { readonly time: number; readonly type: "file"; readonly file: number; readonly oldest: number; readonly previous: string }
  /** Bytes of an unfinished line were cut, because the process had been stopped while it wrote. */
  | { readonly time: number; readonly type: "torn"; readonly bytes: number }
  /** When the file was opened, it was not as it had been left: this many lines had been written, and their last hash was this. */
  | { readonly time: number; readonly type: "broken"; readonly lines: number; readonly last: string };

export type Key = string | Uint8Array | undefined;

/** The text of the next line, without a line feed. */
export function lineAfter(previous: Link, record: object, key: Key): Line & { readonly text: string } {
  const seq = previous.seq + 1;
  const content = `{"seq":${seq},${JSON.stringify(record).slice(1, -1)}`;
  const hash = hashOf(previous.hash, content, key, "utf8");
  return { seq, hash, content, text: `${content},"hash":"${hash}"}` };
}

const form = /^(\{"seq":([1-9]\d{0,15}),[^]*),"hash":"([\w-]{43})"\}$/;

/** Reads a line, given as latin1 so that each byte is a character. Undefined if it does not have the form of a line. */
export function parseLine(latin1: string): Line | undefined {
  const [, content, seq, hash] = form.exec(latin1) ?? [];
  return content === undefined ? undefined : { content, seq: Number(seq), hash: hash! };
}

/** Whether a line follows this one, as far as its hash tells. */
export function follows(previousHash: string, { content, hash }: Line, key: Key): boolean {
  return hashOf(previousHash, content, key, "latin1") === hash;
}

/** The record of a line. Undefined if it is not JSON. */
export function recordIn({ content }: Line): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(`${Buffer.from(content, "latin1").toString()}}`) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** What only who knows the key can say about the head. Undefined without a key. */
export function sealOf(head: string, key: Key): string | undefined {
  return key === undefined ? undefined : createHmac("sha256", key).update(`head ${head}`).digest("base64url");
}

function hashOf(previous: string, content: string, key: Key, encoding: "utf8" | "latin1"): string {
  const bytes = Buffer.from(previous + content, encoding);
  return key === undefined ? digest("sha256", bytes, "base64url") : createHmac("sha256", key).update(bytes).digest("base64url");
}
