/** The signature algorithms that tokens may use, and the kind of key that each needs (RFC 7518, section 3). */

interface KeyNeeds {
  readonly family: "secret" | "rsa" | "ec";
  readonly hash: "sha256" | "sha384" | "sha512";
  /** The curve's name in OpenSSL. */
  readonly curve?: string;
}

const algorithms = {
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
} as const satisfies Record<string, KeyNeeds>;

/** A signature algorithm by its JWA name. `none` and EdDSA are not supported. */
export type Algorithm = keyof typeof algorithms;

export const algorithmNames = Object.keys(algorithms) as readonly Algorithm[];

export function isAlgorithm(name: unknown): name is Algorithm {
  return typeof name === "string" && Object.hasOwn(algorithms, name);
}

export function needsOf(algorithm: Algorithm): KeyNeeds {
  return algorithms[algorithm];
}

/** The length of the hash in bytes. A secret needs as many (RFC 7518, section 3.2). */
export function hashBytes(algorithm: Algorithm): number {
  return Number(algorithms[algorithm].hash.slice("sha".length)) / 8;
}
