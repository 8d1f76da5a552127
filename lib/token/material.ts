/** Key material as a host writes it -> a KeyObject of Node's, made once: `jsonwebtoken` is 40 times slower with a string. */
import { KeyObject, createPrivateKey, createPublicKey, createSecretKey, type JsonWebKey } from "node:crypto";
import { GuardError } from "../protocol.js";
import { type Algorithm, secretBytes } from "./algorithms.js";

/** A secret: its text (taken as UTF-8), its bytes, or a KeyObject of type `secret`. */
export type Secret = string | Uint8Array | KeyObject;

/** An asymmetric key: PEM text or bytes, a JWK, or a KeyObject. */
export type KeyMaterial = string | Uint8Array | KeyObject | JsonWebKey;

const howToMakeOne = "make one with `openssl rand -base64 48` and put it in LOCAL_JWT_SECRET";

/**
 * The secret, if it is one and long enough for its algorithm (32, 48 or 64 bytes; RFC 7518, section 3.2).
 * @throws GuardError `secret_missing`, `secret_is_public_key`, `secret_is_private_key`, `secret_invalid`, `secret_too_short`
 */
export function secretKey(given: unknown, algorithm: Algorithm): KeyObject {
  if (given === undefined || given === null || given === "") {
    throw new GuardError("secret_missing", `A key's secret is missing or empty: ${howToMakeOne}.`);
  }
  refuseAsymmetric(given);
  const key = given instanceof KeyObject ? given : createSecretKey(bytesOf(given));
  const size = key.symmetricKeySize ?? 0;
  if (size < secretBytes(algorithm)) {
    throw new GuardError("secret_too_short", `The secret for ${algorithm} has ${size} bytes and needs at least ${secretBytes(algorithm)}: ${howToMakeOne}.`);
  }
  return key;
}

/**
 * The public key. A certificate's PEM gives the key in it.
 * @throws GuardError `public_key_invalid`, `public_key_is_private`, `key_use_invalid`
 */
export function publicKey(given: unknown, algorithm: Algorithm): KeyObject {
  if (kindOf(given) === "private") {
    throw new GuardError("public_key_is_private", "A private key was given as publicKey: give it as privateKey, and its public half as publicKey or not at all.");
  }
  if (isJsonWebKey(given)) refuseWrongUse(given, algorithm);
  const key = attempt(() => given instanceof KeyObject ? given : createPublicKey(inputOf(given)));
  if (key?.type !== "public") {
    throw new GuardError("public_key_invalid", "A publicKey cannot be read: give PEM text that begins with -----BEGIN PUBLIC KEY-----, a JWK object or a KeyObject.");
  }
  return key;
}

/** @throws GuardError `private_key_invalid`, `key_use_invalid` */
export function privateKey(given: unknown, algorithm: Algorithm): KeyObject {
  if (isJsonWebKey(given)) refuseWrongUse(given, algorithm);
  const key = attempt(() => given instanceof KeyObject ? given : createPrivateKey(inputOf(given)));
  if (key?.type !== "private") {
    throw new GuardError("private_key_invalid", "A privateKey cannot be read: give PEM text that begins with -----BEGIN PRIVATE KEY-----, a JWK object, or a KeyObject if it has a passphrase.");
  }
  return key;
}

// With a public key as the HMAC secret, everybody who knows the public key could sign (RFC 8725, sections 2.1 and 3.1).
function refuseAsymmetric(given: unknown): void {
  const kind = kindOf(given);
  if (kind === "public") {
    throw new GuardError("secret_is_public_key", "A public key or certificate was given as secret: write keys: [{ publicKey, algorithm: \"RS256\" }] with its own algorithm.");
  }
  if (kind === "private") {
    throw new GuardError("secret_is_private_key", "A private key was given as secret: write keys: [{ privateKey, algorithm: \"RS256\" }] with its own algorithm.");
  }
  if (kind !== "secret") {
    throw new GuardError("secret_invalid", "A key's secret is neither text nor bytes: give a string, a Buffer or a KeyObject of type secret.");
  }
}

/** What this material is, however it is written: PEM, DER, base64 of DER, a JWK as an object or as text, or a KeyObject. */
function kindOf(given: unknown): "secret" | "public" | "private" | undefined {
  if (given instanceof KeyObject) return given.type;
  if (isJsonWebKey(given)) return "d" in given ? "private" : "public";
  if (typeof given !== "string" && !(given instanceof Uint8Array)) return undefined;
  const bytes = bytesOf(given);
  const text = bytes.toString("latin1");
  if (/-----BEGIN [A-Z ]*PRIVATE KEY/.test(text)) return "private";
  if (/-----BEGIN |^\s*(?:ssh-|ecdsa-sha2-)/.test(text)) return "public";
  const json = attempt(() => JSON.parse(text) as unknown);
  if (isJsonWebKey(json)) return kindOf(json);
  return kindOfDer(bytes) ?? kindOfDer(Buffer.from(text, "base64")) ?? "secret";
}

function kindOfDer(key: Buffer): "public" | "private" | undefined {
  if (attempt(() => createPublicKey({ key, format: "der", type: "spki" }))) return "public";
  if (attempt(() => createPrivateKey({ key, format: "der", type: "pkcs8" }))) return "private";
  return undefined;
}

function isJsonWebKey(given: unknown): given is JsonWebKey {
  return typeof given === "object" && given !== null && "kty" in given && given.kty !== "oct";
}

/** A JWK says what it is for (RFC 7517, sections 4.2 to 4.4). */
function refuseWrongUse(jwk: JsonWebKey, algorithm: Algorithm): void {
  const operations = jwk["key_ops"];
  const signs = !Array.isArray(operations) || operations.includes("verify") || operations.includes("sign");
  if ((jwk["use"] ?? "sig") !== "sig" || (jwk["alg"] ?? algorithm) !== algorithm || !signs) {
    throw new GuardError("key_use_invalid", `A JWK is not meant for ${algorithm} signatures: its use, key_ops or alg says otherwise, so take another key or name its own algorithm.`);
  }
}

function inputOf(given: unknown): string | Buffer | { key: JsonWebKey; format: "jwk" } {
  if (isJsonWebKey(given)) return { key: given, format: "jwk" };
  return typeof given === "string" ? given : bytesOf(given);
}

function bytesOf(given: unknown): Buffer {
  if (typeof given === "string") return Buffer.from(given, "utf8");
  const view = given as Uint8Array;
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}

function attempt<Result>(make: () => Result): Result | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
