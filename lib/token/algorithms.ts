/** The signature algorithms that tokens may use, and the kind of key that each needs (RFC 7518, section 3; RFC 8037). */
import type { Reader } from "../configuration.js";
import { GuardError } from "../guard-error.js";

/** A signature algorithm by its JWA name. EdDSA is always Ed25519 (RFC 8037). `none` is not supported. */
export type Algorithm = "HS256" | "HS384" | "HS512" | "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES256" | "ES384" | "ES512" | "EdDSA";

interface KeyNeeds {
  readonly family: "secret" | "rsa" | "ec" | "ed25519";
  readonly hash: "sha256" | "sha384" | "sha512";
  /** The curve's name in OpenSSL. */
  readonly curve?: string;
}

export const keyNeeds: Readonly<Record<Algorithm, KeyNeeds>> = {
  HS256: { family: "secret", hash: "sha256" },
  HS384: { family: "secret", hash: "sha384" },
  HS512: { family: "secret", hash: "sha512" },
  RS256: { family: "rsa", hash: "sha256" },
  RS384: { family: "rsa", hash: "sha384" },
  RS512: { family: "rsa", hash: "sha512" },
  PS256: { family: "rsa", hash: "sha256" },
  PS384: { family: "rsa", hash: "sha384" },
  PS512: { family: "rsa", hash: "sha512" },
  ES256: { family: "ec", hash: "sha256", curve: "prime256v1" },
  ES384: { family: "ec", hash: "sha384", curve: "secp384r1" },
  ES512: { family: "ec", hash: "sha512", curve: "secp521r1" },
  EdDSA: { family: "ed25519", hash: "sha512" },
};

export const algorithmNames = Object.keys(keyNeeds) as readonly Algorithm[];

export function isAlgorithm(name: unknown): name is Algorithm {
  return typeof name === "string" && Object.hasOwn(keyNeeds, name);
}

/** Reads a list of some of these algorithms. */
export function listOf(allowed: readonly Algorithm[]): Reader<readonly Algorithm[]> {
  return (given, name) => {
    if (Array.isArray(given) && given.length > 0 && given.every((one) => allowed.includes(one as Algorithm))) return given as Algorithm[];
    throw new GuardError("option_invalid", `\`${name}\` must be a list of algorithms: ${allowed.join(", ")}.`);
  };
}

/** The length of the hash in bytes. A secret needs as many (RFC 7518, section 3.2). */
export function hashBytes(algorithm: Algorithm): number {
  return Number(keyNeeds[algorithm].hash.slice("sha".length)) / 8;
}
