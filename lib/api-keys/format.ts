/**
 * What an API key looks like: `sig_<id>_<secret><checksum>`, 70 characters. The prefix lets scanners find keys that leaked,
 * the id is public, the secret has 256 random bits, and the checksum tells a typo without asking anybody.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";

/** A key that is written as keys are. Whether it is anybody's, only a store can say. */
export interface ReadKey {
  readonly id: string;
  /** What is stored of it: SHA-256 of its whole text, in base64url. */
  readonly hash: string;
}

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
// Capitals or not: an id is also read aloud, and typed into a terminal.
const idDigits = 36n;
const idLength = 16;
const secretLength = 43;
const checksumLength = 6;
const keyLength = "sig_".length + idLength + "_".length + secretLength + checksumLength;
const grammar = /^sig_([0-9a-z]{16})_[0-9A-Za-z]{49}$/;

export function newId(): string {
  return written(randomBytes(16), idDigits, idLength).toLowerCase();
}

/** A new key for an id. Nobody can make it again: only its hash is kept. */
export function newKey(id: string): ReadKey & { readonly key: string } {
  const body = `sig_${id}_${written(randomBytes(32), 62n, secretLength)}`;
  const key = body + checksumOf(body);
  return { id, key, hash: hashOf(key) };
}

/** Undefined for what was never a key. There is one spelling of each: no case is folded, no space is cut. */
export function readKey(text: unknown): ReadKey | undefined {
  if (typeof text !== "string" || text.length !== keyLength) return undefined;
  const [, id] = grammar.exec(text) ?? [];
  if (id === undefined || !text.endsWith(checksumOf(text.slice(0, -checksumLength)))) return undefined;
  return { id, hash: hashOf(text) };
}

/** In a time that says nothing of where they differ. */
export function isSameHash(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}

/**
 * Fast on purpose: a slow hash protects what people think up. Nobody guesses one of 2^256 keys at any speed, and 70 ms
 * of work for each handshake would be paid by the server, also for keys that are none.
 */
function hashOf(key: string): string {
  return createHash("sha256").update(key).digest("base64url");
}

function checksumOf(body: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return written(bytes, 62n, checksumLength);
}

/** The last digits of a number; all of them for what fits: 256 bits into 43 digits, 32 into 6. */
function written(bytes: Buffer, base: bigint, length: number): string {
  let rest = BigInt(`0x${bytes.toString("hex")}`);
  let text = "";
  for (let place = 0; place < length; place += 1, rest /= base) text = digits[Number(rest % base)]! + text;
  return text;
}
