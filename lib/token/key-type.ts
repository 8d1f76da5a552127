/** Tells secrets from public and private keys. A public key is no secret: anybody could sign with it (RFC 8725, sections 2.1 and 3.1). */
import { KeyObject } from "node:crypto";
import { attempt } from "../callbacks.js";

/** A JSON Web Key (RFC 7517) of an RSA or EC key. */
export interface Jwk {
  readonly kty?: string | undefined;
  readonly kid?: string | undefined;
  readonly use?: string | undefined;
  readonly key_ops?: readonly string[] | undefined;
  readonly alg?: string | undefined;
  readonly ext?: boolean | undefined;
  readonly n?: string | undefined;
  readonly e?: string | undefined;
  readonly crv?: string | undefined;
  readonly x?: string | undefined;
  readonly y?: string | undefined;
  readonly d?: string | undefined;
  readonly p?: string | undefined;
  readonly q?: string | undefined;
  readonly dp?: string | undefined;
  readonly dq?: string | undefined;
  readonly qi?: string | undefined;
  readonly x5u?: string | undefined;
  readonly x5c?: readonly string[] | undefined;
  readonly x5t?: string | undefined;
  readonly "x5t#S256"?: string | undefined;
}

export type KeyType = "secret" | "public" | "private";

/** Text and bytes are a secret unless they hold PEM, an SSH public key, a JWK or a set of JWKs. Undefined if the value cannot be a key. */
export function keyTypeOf(given: unknown): KeyType | undefined {
  if (given instanceof KeyObject) return given.type === "secret" ? typeOfText(given.export().toString("latin1")) : given.type;
  if (typeof given === "string") return typeOfText(given);
  if (given instanceof Uint8Array) return typeOfText(Buffer.from(given.buffer, given.byteOffset, given.byteLength).toString("latin1"));
  return typeOfJson(given);
}

export function isJwk(given: unknown): given is Jwk {
  return typeof given === "object" && given !== null && "kty" in given && given.kty !== "oct";
}

function typeOfText(text: string): KeyType {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY/.test(text)) return "private";
  if (/-----BEGIN |^\s*(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-\w+)\s/.test(text)) return "public";
  if (!/^\s*[[{]/.test(text)) return "secret";
  return typeOfJson(attempt(() => JSON.parse(text) as unknown)) ?? "secret";
}

/** A JWK, a JWKS or a list that holds one. It is private if any of its keys is. */
function typeOfJson(value: unknown, depth = 0): "public" | "private" | undefined {
  if (typeof value !== "object" || value === null || depth > 4) return undefined;
  if (isJwk(value)) return "d" in value ? "private" : "public";
  const types = Object.values(value).map((member) => typeOfJson(member, depth + 1));
  return types.find((type) => type === "private") ?? types.find((type) => type !== undefined);
}
