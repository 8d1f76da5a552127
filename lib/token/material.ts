/** Key material as a host writes it -> a KeyObject of Node's, made once: `jsonwebtoken` is 40 times slower with a string. */
import { KeyObject, createPrivateKey, createPublicKey, createSecretKey } from "node:crypto";
import { GuardError } from "../guard-error.js";
import { type Algorithm, secretBytes } from "./algorithms.js";
import { type Jwk, isJwk, kindOf } from "./kind.js";

export type { Jwk };

/** A secret: its text (taken as UTF-8), its bytes, or a KeyObject of type `secret`. */
export type Secret = string | Uint8Array | KeyObject;

/** An asymmetric key: PEM text or bytes, a JWK, or a KeyObject. */
export type KeyMaterial = string | Uint8Array | KeyObject | Jwk;

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
  if (isJwk(given)) refuseWrongUse(given, algorithm);
  const key = attempt(() => given instanceof KeyObject ? given : createPublicKey(inputOf(given)));
  if (key?.type !== "public") {
    throw new GuardError("public_key_invalid", "A publicKey cannot be read: give PEM text that begins with -----BEGIN PUBLIC KEY-----, a JWK object or a KeyObject.");
  }
  return key;
}

/** @throws GuardError `private_key_invalid`, `key_use_invalid` */
export function privateKey(given: unknown, algorithm: Algorithm): KeyObject {
  if (isJwk(given)) refuseWrongUse(given, algorithm);
  const key = attempt(() => given instanceof KeyObject ? given : createPrivateKey(inputOf(given)));
  if (key?.type !== "private") {
    throw new GuardError("private_key_invalid", "A privateKey cannot be read: give PEM text that begins with -----BEGIN PRIVATE KEY-----, a JWK object, or a KeyObject if it has a passphrase.");
  }
  return key;
}

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

/** A JWK says what it is for (RFC 7517, sections 4.2 to 4.4). */
function refuseWrongUse(jwk: Jwk, algorithm: Algorithm): void {
  const operations: unknown = jwk.key_ops;
  const signs = !Array.isArray(operations) || operations.includes("verify") || operations.includes("sign");
  if ((jwk.use ?? "sig") !== "sig" || (jwk.alg ?? algorithm) !== algorithm || !signs) {
    throw new GuardError("key_use_invalid", `A JWK is not meant for ${algorithm} signatures: its use, key_ops or alg says otherwise, so take another key or name its own algorithm.`);
  }
}

// What Node calls a JWK is not the same type in each version of its types.
type Input = Parameters<typeof createPublicKey>[0] & Parameters<typeof createPrivateKey>[0];

function inputOf(given: unknown): Input {
  if (isJwk(given)) return { key: given, format: "jwk" } as Input;
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
