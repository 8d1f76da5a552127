/** Which of the keys that a provider publishes are used, and for which algorithm. */
import { attempt } from "../callbacks.js";
import { type Duration, type ReadBy, duration, optional, readOptionsBy } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { type Algorithm, algorithmNames, keyNeeds, listOf } from "../token/algorithms.js";
import { type JwtKey, bindKey } from "../token/key.js";
import type { KeyMaterial } from "../token/key-import.js";
import { unusable } from "./document.js";

/** The options of jwksLoader(), certificateLoader() and discoveryLoader(). */
export interface PublishedKeysOptions {
  /**
   * The algorithms that its keys may have. A key that names none gets the only one of these that fits it.
   * @default all that public keys can have; a key that names none gets RS256, ES256, ES384, ES512 or EdDSA
   */
  readonly algorithms?: readonly Algorithm[];
  /** How long each answer may take. @default "5s" */
  readonly timeout?: Duration;
}

/** Loads the keys of a provider, for `keyRing({ load })`. */
export type PublishedKeysLoader = (signal: AbortSignal) => Promise<readonly JwtKey[]>;

const asymmetric = algorithmNames.filter((name) => keyNeeds[name].family !== "secret");
const table = { algorithms: optional(listOf(asymmetric)), timeout: duration("5s") };
// One for each kind of key. Providers that leave `alg` out, such as Microsoft, sign with RS256.
const usual: readonly Algorithm[] = ["RS256", "ES256", "ES384", "ES512", "EdDSA"];

type Options = ReadBy<typeof table>;

/** @throws GuardError `option_invalid`, `option_unknown` */
export function readOptions(given: unknown, where: string): Options {
  return readOptionsBy(table, given, { where });
}

/**
 * The keys that `read` accepts. The others are left out.
 * @throws GuardError `jwks_unusable` if no key is left
 */
export function usableKeys<Entry>(entries: readonly Entry[], what: string, read: (entry: Entry) => JwtKey): readonly JwtKey[] {
  let problem: GuardError | undefined;
  const keys = entries.flatMap((entry) => {
    try {
      const key = read(entry);
      bindKey(key);
      return key;
    } catch (error) {
      if (!(error instanceof GuardError)) throw error;
      problem ??= error;
      return [];
    }
  });
  if (keys.length > 0) return keys;
  throw unusable(`The ${what} has no key that can be used here. ${problem === undefined ? "It is empty." : `Its first key: ${problem.message}`}`);
}

/**
 * The algorithm of a key that names it or not.
 * @throws GuardError `algorithm_unfit`, `option_missing`
 */
export function algorithmOf(publicKey: KeyMaterial, named: unknown, { algorithms }: Options): Algorithm {
  if (named !== undefined) {
    const allowed = (algorithms ?? asymmetric).find((algorithm) => algorithm === named);
    if (allowed !== undefined) return allowed;
    throw new GuardError("algorithm_unfit", "It is for an algorithm that is not allowed. Add it to `algorithms` if its tokens may be accepted.");
  }
  const candidates = algorithms ?? usual;
  const fitting = candidates.length === 1 ? candidates : candidates.filter((algorithm) => attempt(() => bindKey({ publicKey, algorithm })));
  if (fitting.length === 1) return fitting[0]!;
  if (fitting.length === 0) throw new GuardError("algorithm_unfit", `It fits none of ${candidates.join(", ")}, or it is too short. Add its algorithm to \`algorithms\`.`);
  throw new GuardError("option_missing", "It names no algorithm. Let exactly one of `algorithms` fit it, for example algorithms: [\"RS256\"].");
}
