/** Turns the forms in which a host may write a key into a KeyObject, once: `jsonwebtoken` is 40 times slower with text. */
import { KeyObject, createPrivateKey, createPublicKey, createSecretKey } from "node:crypto";
import { attempt } from "../callbacks.js";
import { GuardError } from "../guard-error.js";
import { type Algorithm, minSecretBytes } from "./algorithms.js";
import { type Jwk, isJwk, keyTypeOf } from "./key-type.js";

export type { Jwk };

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
  if (size < minSecretBytes(algorithm)) {
    throw new GuardError("secret_too_short", `The \`secret\` for ${algorithm} has ${size} bytes. Give a secret of at least ${minSecretBytes(algorithm)} bytes, made ${howToMakeOne}.`);
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
  const view = given as Uint8Array;
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}
