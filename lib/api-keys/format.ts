/**
 * The format of an API key: `sig_<id>_<secret><checksum>`, 70 characters. The prefix lets secret scanners find leaked keys, the id is
 * public, the secret has 256 random bits, and the checksum detects typing errors without the store.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";

/** A key of the right format. Only the store knows whether it exists. */
export interface ParsedKey {
  readonly id: string;
  /** SHA-256 of the whole key, in base64url: this is stored, and the key is not. */
  readonly hash: string;
}

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
// Without capitals, because ids are read aloud and typed into terminals.
const idDigits = 36n;
const idLength = 16;
const secretLength = 43;
const checksumLength = 6;
const keyLength = "sig_".length + idLength + "_".length + secretLength + checksumLength;
const grammar = /^sig_([0-9a-z]{16})_[0-9A-Za-z]{49}$/;

export function newId(): string {
  return encode(randomBytes(16), idDigits, idLength).toLowerCase();
}

/** A new key for an id. It cannot be restored later, because only its hash is kept. */
export function newKey(id: string): ParsedKey & { readonly key: string } {
  const body = `sig_${id}_${encode(randomBytes(32), 62n, secretLength)}`;
  const key = body + checksumOf(body);
  return { id, key, hash: hashOf(key) };
}

/** Undefined if the text is not a key. Case and white space count, so that each key has one spelling. */
export function parseKey(text: unknown): ParsedKey | undefined {
  if (typeof text !== "string" || text.length !== keyLength) return undefined;
  const [, id] = grammar.exec(text) ?? [];
  if (id === undefined || !text.endsWith(checksumOf(text.slice(0, -checksumLength)))) return undefined;
  return { id, hash: hashOf(text) };
}

/** Compares in constant time. */
export function isSameHash(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}

/**
 * A fast hash on purpose. A slow hash protects passwords, which can be guessed; a secret of 256 random bits cannot, at any speed. It
 * would only cost the server 70 ms for each handshake, with a valid key or not.
 */
function hashOf(key: string): string {
  return createHash("sha256").update(key).digest("base64url");
}

function checksumOf(body: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return encode(bytes, 62n, checksumLength);
}

/** The last digits of a number. 256 bits fit into 43 digits of base 62, and 32 bits into 6. */
function encode(bytes: Buffer, base: bigint, length: number): string {
  let rest = BigInt(`0x${bytes.toString("hex")}`);
  let text = "";
  for (let position = 0; position < length; position += 1, rest /= base) text = digits[Number(rest % base)]! + text;
  return text;
}
