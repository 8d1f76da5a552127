/** One key, bound to exactly one algorithm. A token can choose a key, but not the algorithm that is used with it (RFC 8725, section 3.1). */
import { type KeyObject, createHash, createHmac, createPublicKey } from "node:crypto";
import { refuseUnknownOptions } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { type Algorithm, algorithmNames, hashBytes, isAlgorithm, keyNeeds } from "./algorithms.js";
import { type KeyMaterial, type Secret, privateKey, publicKey, secretKey } from "./key-import.js";
import { isKid } from "./parse.js";

/** One key: a `secret`, or a `publicKey`, a `privateKey` or both. A private key alone also verifies. */
export interface JwtKey {
  /** 1 to 256 printable ASCII characters. With it, the key only verifies tokens of this `kid` and tokens without one. */
  readonly kid?: string;
  /** At least 32 bytes (48 for HS384, 64 for HS512). */
  readonly secret?: Secret | undefined;
  /** Verifies tokens. @default the public half of `privateKey` */
  readonly publicKey?: KeyMaterial | undefined;
  /** Signs tokens. */
  readonly privateKey?: KeyMaterial | undefined;
  /** Required for a public or private key. @default "HS256" for a secret */
  readonly algorithm?: Algorithm;
  /** When the tokens of this key expire, as a Date or epoch milliseconds. @default never */
  readonly acceptUntil?: number | Date;
}

export interface BoundKey {
  readonly kid: string | undefined;
  readonly algorithm: Algorithm;
  readonly verifying: KeyObject;
  readonly signing: KeyObject | undefined;
  /** Epoch milliseconds, or Infinity. */
  readonly acceptUntil: number;
  /** The same for the same key, and useless for finding out a secret. */
  readonly fingerprint: string;
}

const options = ["kid", "secret", "publicKey", "privateKey", "algorithm", "acceptUntil"];

/** @throws GuardError `option_*`, `algorithm_unfit`, `key_too_short`, `key_pair_mismatch`, `secret_*`, `public_key_is_private` */
export function bindKey(key: JwtKey): BoundKey {
  refuseWrongForm(key);
  const kid = readKid(key.kid);
  const algorithm = readAlgorithm(key);
  const pair = "secret" in key ? secretPair(key, algorithm) : asymmetricPair(key, algorithm);
  return Object.freeze({ kid, algorithm, ...pair, acceptUntil: readAcceptUntil(key.acceptUntil) });
}

type Pair = Pick<BoundKey, "verifying" | "signing" | "fingerprint">;

function secretPair(key: JwtKey, algorithm: Algorithm): Pair {
  const secret = secretKey(key.secret, algorithm);
  return { verifying: secret, signing: secret, fingerprint: createHmac("sha256", secret).update("socket.io-guard").digest("base64url") };
}

function asymmetricPair(key: JwtKey, algorithm: Algorithm): Pair {
  const signing = key.privateKey === undefined ? undefined : privateKey(key.privateKey, algorithm);
  const verifying = key.publicKey === undefined && signing ? createPublicKey(signing) : publicKey(key.publicKey, algorithm);
  refuseUnfit(verifying, algorithm);
  const fingerprint = fingerprintOf(verifying);
  if (signing && fingerprintOf(createPublicKey(signing)) !== fingerprint) {
    throw new GuardError("key_pair_mismatch", "A `privateKey` does not belong to the `publicKey` beside it. Give the two halves of one pair.");
  }
  return { verifying, signing, fingerprint };
}

function fingerprintOf(key: KeyObject): string {
  return createHash("sha256").update(key.export({ type: "spki", format: "der" })).digest("base64url");
}

function refuseWrongForm(key: JwtKey): void {
  if (typeof key !== "object" || key === null || key instanceof Uint8Array) {
    throw new GuardError("option_invalid", "A key must be an object: write { secret } or { publicKey, algorithm }.");
  }
  refuseUnknownOptions(key, options, "A key");
  const isAsymmetric = key.publicKey !== undefined || key.privateKey !== undefined;
  if ("secret" in key && isAsymmetric) {
    throw new GuardError("option_invalid", "A key has a `secret` and also a `publicKey` or `privateKey`. Make two keys of it.");
  }
  if (!("secret" in key) && !isAsymmetric) {
    throw new GuardError("option_missing", "A key has neither `secret` nor `publicKey` nor `privateKey`. Give it a secret, or a public key with its algorithm.");
  }
}

function readKid(kid: unknown): string | undefined {
  if (kid !== undefined && !isKid(kid)) {
    throw new GuardError("option_invalid", "`kid` must be a string of 1 to 256 printable ASCII characters.");
  }
  return kid;
}

function readAlgorithm(key: JwtKey): Algorithm {
  const algorithm: unknown = key.algorithm ?? ("secret" in key ? "HS256" : undefined);
  if (algorithm === undefined) {
    throw new GuardError("option_missing", "A public or private key has no `algorithm`. Give exactly one, for example algorithm: \"RS256\".");
  }
  if (!isAlgorithm(algorithm)) {
    throw new GuardError("option_invalid", `The \`algorithm\` of a key must be one of ${algorithmNames.join(", ")}.`);
  }
  if ("secret" in key !== (keyNeeds[algorithm].family === "secret")) {
    throw new GuardError("algorithm_unfit", `${algorithm} does not fit its key. A secret takes HS256, HS384 or HS512, and a public or private key takes one of the others.`);
  }
  return algorithm;
}

function readAcceptUntil(given: unknown): number {
  if (given === undefined) return Infinity;
  const instant = given instanceof Date ? given.getTime() : given;
  if (typeof instant !== "number" || !Number.isFinite(instant)) {
    throw new GuardError("option_invalid", "`acceptUntil` must be a Date or a number of epoch milliseconds.");
  }
  return instant;
}

function refuseUnfit(key: KeyObject, algorithm: Algorithm): void {
  const needs = keyNeeds[algorithm];
  const details = key.asymmetricKeyDetails ?? {};
  if (!typesOf(algorithm).includes(key.asymmetricKeyType ?? "")) {
    throw new GuardError("algorithm_unfit", `${algorithm} does not fit a key of type ${key.asymmetricKeyType}. Name the algorithm that its tokens are signed with.`);
  }
  if (needs.curve !== undefined && details.namedCurve !== needs.curve) {
    throw new GuardError("algorithm_unfit", `${algorithm} needs a key on the curve ${needs.curve}, and this key is on ${details.namedCurve}. Name the algorithm of its curve.`);
  }
  if (needs.family === "rsa" && (details.modulusLength ?? 0) < 2048) {
    throw new GuardError("key_too_short", `An RSA key has ${details.modulusLength} bits and needs at least 2048. Make a longer one.`);
  }
  if (key.asymmetricKeyType === "rsa-pss" && !pssFits(details, algorithm)) {
    throw new GuardError("algorithm_unfit", `${algorithm} does not fit its RSA-PSS key, which is made for another hash or salt. Name the algorithm of its hash.`);
  }
}

function typesOf(algorithm: Algorithm): readonly string[] {
  return algorithm.startsWith("PS") ? ["rsa", "rsa-pss"] : [keyNeeds[algorithm].family];
}

function pssFits({ hashAlgorithm, mgf1HashAlgorithm, saltLength = 0 }: NonNullable<KeyObject["asymmetricKeyDetails"]>, algorithm: Algorithm): boolean {
  const { hash } = keyNeeds[algorithm];
  return hashAlgorithm === hash && mgf1HashAlgorithm === hash && saltLength <= hashBytes(algorithm);
}
