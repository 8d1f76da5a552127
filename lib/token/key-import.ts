/**
 * Turns the forms in which a host may write a key into a KeyObject, once: `jsonwebtoken` is 40 times slower with text. A public
 * key is never taken as a secret, because then anybody could sign with it (RFC 8725, sections 2.1 and 3.1).
 */
import { KeyObject, createPrivateKey, createPublicKey, createSecretKey } from "node:crypto";
import { attempt } from "../callbacks.js";
import { GuardError } from "../guard-error.js";
import { type Algorithm, hashBytes } from "./algorithms.js";

/** A JSON Web Key (RFC 7517) of an RSA, EC or Ed25519 key. */
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

/** A secret: its text (as UTF-8), its bytes, or a KeyObject of type `secret`. */
export type Secret = string | Uint8Array | KeyObject;

/** A public or private key: PEM, as text or bytes, a JWK, or a KeyObject. */
export type KeyMaterial = string | Uint8Array | KeyObject | Jwk;

const howToMakeOne = "for example with `openssl rand -base64 48`";

/** @throws GuardError `option_missing`, `option_invalid`, `secret_is_public_key`, `secret_is_private_key`, `secret_too_short` */
export function secretKey(given: unknown, algorithm: Algorithm): KeyObject {
  if (given === undefined || given === null || given === "") {
    throw new GuardError("option_missing", `The \`secret\` of a key is missing or empty. Give a secret of at least 32 bytes, made ${howToMakeOne}.`);
  }
  refuseAsymmetric(given);
  const key = given instanceof KeyObject ? given : createSecretKey(bytesOf(given));
  const size = key.symmetricKeySize ?? 0;
  if (size < hashBytes(algorithm)) {
    throw new GuardError("secret_too_short", `The \`secret\` for ${algorithm} has ${size} bytes. Give a secret of at least ${hashBytes(algorithm)} bytes, made ${howToMakeOne}.`);
  }
  return key;
}

/**
 * The public key. A certificate in PEM gives the key that it certifies.
 * @throws GuardError `option_invalid`, `public_key_is_private`, `algorithm_unfit`
 */
export function publicKey(given: unknown, algorithm: Algorithm): KeyObject {
  if (keyTypeOf(given) === "private") {
    throw new GuardError("public_key_is_private", "`publicKey` holds a private key. Give it as `privateKey`, and its public half as `publicKey` or not at all.");
  }
  if (isJwk(given)) refuseWrongUse(given, algorithm);
  const key = attempt(() => given instanceof KeyObject ? given : createPublicKey(inputOf(given)));
  if (key?.type !== "public") {
    throw new GuardError("option_invalid", "`publicKey` cannot be read. Give PEM text that begins with -----BEGIN PUBLIC KEY-----, a JWK or a KeyObject.");
  }
  return key;
}

/** @throws GuardError `option_invalid`, `algorithm_unfit` */
export function privateKey(given: unknown, algorithm: Algorithm): KeyObject {
  if (isJwk(given)) refuseWrongUse(given, algorithm);
  const key = attempt(() => given instanceof KeyObject ? given : createPrivateKey(inputOf(given)));
  if (key?.type !== "private") {
    throw new GuardError("option_invalid", "`privateKey` cannot be read. Give PEM text that begins with -----BEGIN PRIVATE KEY-----, a JWK, or a KeyObject if it has a passphrase.");
  }
  return key;
}

function refuseAsymmetric(given: unknown): void {
  const type = keyTypeOf(given);
  if (type === "public") {
    throw new GuardError("secret_is_public_key", "A public key was given as `secret`. Write keys: [{ publicKey, algorithm: \"RS256\" }] with its own algorithm.");
  }
  if (type === "private") {
    throw new GuardError("secret_is_private_key", "A private key was given as `secret`. Write keys: [{ privateKey, algorithm: \"RS256\" }] with its own algorithm.");
  }
  if (type === undefined) {
    throw new GuardError("option_invalid", "`secret` must be a string, a Buffer or a KeyObject of type secret.");
  }
}

/** A JWK can say what it is for (RFC 7517, sections 4.2 to 4.4). */
function refuseWrongUse(jwk: Jwk, algorithm: Algorithm): void {
  const operations: unknown = jwk.key_ops;
  const signs = !Array.isArray(operations) || operations.includes("verify") || operations.includes("sign");
  if ((jwk.use ?? "sig") !== "sig" || (jwk.alg ?? algorithm) !== algorithm || !signs) {
    throw new GuardError("algorithm_unfit", `A JWK is not meant for ${algorithm} signatures, by its \`use\`, \`key_ops\` or \`alg\`. Give another key, or name the algorithm of this one.`);
  }
}

// @types/node changed the type of a JWK between versions.
type Input = Parameters<typeof createPublicKey>[0] & Parameters<typeof createPrivateKey>[0];

function inputOf(given: unknown): Input {
  if (isJwk(given)) return { key: given, format: "jwk" } as Input;
  return typeof given === "string" ? given : bytesOf(given);
}

function bytesOf(given: unknown): Buffer {
  if (typeof given === "string") return Buffer.from(given, "utf8");
  const { buffer, byteOffset, byteLength } = given as Uint8Array;
  return Buffer.from(buffer, byteOffset, byteLength);
}

type KeyType = "secret" | "public" | "private";

/** Text and bytes are a secret unless they hold PEM, an SSH public key, a JWK or a set of JWKs. Undefined if the value cannot be a key. */
export function keyTypeOf(given: unknown): KeyType | undefined {
  if (given instanceof KeyObject) return given.type === "secret" ? typeOfText(given.export().toString("latin1")) : given.type;
  if (typeof given === "string") return typeOfText(given);
  if (given instanceof Uint8Array) return typeOfText(bytesOf(given).toString("latin1"));
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
