/** The options of `jwt()` about tokens, read once. */
import { attempt } from "../callbacks.js";
import { type Duration, milliseconds, refuseUndefined } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { type Algorithm, algorithmNames, isAlgorithm } from "./algorithms.js";
import { lastInstant, refusePromise } from "./claims.js";
import type { ClaimsSchema, TokenConfig } from "./config.js";
import { type Keys, keySetOf } from "./create-key-ring.js";
import type { KeySet } from "./key-ring.js";

export interface TokenOptions {
  /** A secret of at least 32 bytes, a list of keys of which the first signs, or a `keyRing([...])`. */
  readonly keys: Keys | undefined;
  /** Allows only these algorithms. @default those of the keys */
  readonly algorithms?: readonly Algorithm[];
  /** `iss` must be this, or one of these. @default any */
  readonly issuer?: string | readonly string[];
  /** `aud` must include this, or one of these. @default any */
  readonly audience?: string | readonly string[];
  /** A Standard Schema for the payload. Rules then see its output and the registered claims. @default rules see the whole payload */
  readonly claims?: ClaimsSchema;
  /** The claim that names the user in place of `sub`: a string of 1 to 1,024 characters, or an integer. @default "sub" */
  readonly subject?: string;
  /** How much clocks may differ, for `exp`, `nbf` and `iat` alike; at most 60 s. @default 5 s for `nbf` and `iat`, 0 for `exp` */
  readonly clockTolerance?: Duration;
  /** A token expires this long after its `iat`, even if its `exp` is later; `iat` is then required. @default no limit */
  readonly maxAge?: Duration;
  /** The most that `exp - iat` may be. A token without `iat` is active for this long before its `exp`. @default "90d" */
  readonly maxLifetime?: Duration;
}

export const tokenOptions = ["keys", "algorithms", "issuer", "audience", "claims", "subject", "clockTolerance", "maxAge", "maxLifetime"] as const;

const maxTolerance = 60_000;
// Longer than any token can live. A larger number would only lose precision.
const maxDuration = lastInstant * 1000;

/** @throws GuardError `option_undefined`, `option_missing`, `option_invalid`, `algorithm_unfit`, `claims_async`, and those of `keyRing` */
export function readTokenOptions(options: TokenOptions): TokenConfig {
  refuseUndefined(options, ["algorithms", "issuer", "audience", "claims", "subject", "maxAge"], "jwt()");
  const algorithms = readAlgorithms(options.algorithms);
  const ring = keySetOf(options.keys, algorithms);
  const tolerance = readTolerance(options.clockTolerance);
  return Object.freeze({
    ring,
    algorithms: allowedAlgorithms(ring, algorithms),
    issuers: readNames(options.issuer, "issuer"),
    audiences: readNames(options.audience, "audience"),
    schema: readSchema(options.claims),
    subject: readSubject(options.subject),
    startTolerance: (tolerance ?? 5_000) / 1000,
    endTolerance: (tolerance ?? 0) / 1000,
    maxAge: options.maxAge === undefined ? undefined : positive(options.maxAge, "maxAge") / 1000,
    maxLifetime: positive(options.maxLifetime ?? "90d", "maxLifetime"),
  });
}

function readAlgorithms(given: unknown): readonly Algorithm[] | undefined {
  if (given === undefined) return undefined;
  if (!Array.isArray(given) || given.length === 0 || !given.every(isAlgorithm)) {
    throw new GuardError("option_invalid", `\`algorithms\` must be a list of some of ${algorithmNames.join(", ")}.`);
  }
  return given;
}

function allowedAlgorithms(ring: KeySet, algorithms: readonly Algorithm[] | undefined): ReadonlySet<string> {
  const bound = new Set<Algorithm>(ring.keys.map((key) => key.algorithm));
  // Keys that are not loaded yet may have any algorithm.
  const unfit = ring.isLoaded ? algorithms?.find((algorithm) => !bound.has(algorithm)) : undefined;
  if (unfit !== undefined) {
    throw new GuardError("algorithm_unfit", `\`algorithms\` has ${unfit}, but no key is bound to it. Leave it out, or add a key with algorithm: "${unfit}".`);
  }
  // Without `algorithms`, a key that is added later may have any.
  return new Set(algorithms ?? algorithmNames);
}

function readNames(given: unknown, name: "issuer" | "audience"): readonly string[] | undefined {
  if (given === undefined) return undefined;
  const names: unknown[] = Array.isArray(given) ? given : [given];
  if (names.length === 0 || !names.every((one) => typeof one === "string" && one !== "")) {
    throw new GuardError("option_invalid", `\`${name}\` must be a string that is not empty, or a list of such strings.`);
  }
  return Object.freeze([...names as string[]]);
}

/** @throws GuardError `option_invalid`, `claims_async` */
export function readSchema(schema: ClaimsSchema | undefined): ClaimsSchema | undefined {
  if (schema === undefined) return undefined;
  const standard: unknown = (typeof schema === "object" && schema !== null) || typeof schema === "function" ? schema["~standard"] : undefined;
  if (typeof (standard as Partial<ClaimsSchema["~standard"]> | undefined)?.validate !== "function") {
    throw new GuardError("option_invalid", "`claims` must be a Standard Schema, such as one of zod, valibot or arktype.");
  }
  // Most asynchronous schemas return a promise for any value, so that the host learns of it now and not with the first token.
  refusePromise(attempt(() => schema["~standard"].validate({})));
  return schema;
}

function readSubject(given: unknown): string {
  if (given !== undefined && (typeof given !== "string" || given === "")) {
    throw new GuardError("option_invalid", "`subject` must be the name of a claim, such as \"userId\". Leave it out to use `sub`.");
  }
  return given ?? "sub";
}

function readTolerance(given: Duration | undefined): number | undefined {
  if (given === undefined) return undefined;
  const tolerance = milliseconds(given, "clockTolerance");
  if (tolerance > maxTolerance) {
    throw new GuardError("option_invalid", "`clockTolerance` must be at most 60 s. If clocks differ by more, synchronize them with NTP.");
  }
  return tolerance;
}

function positive(given: Duration, name: string): number {
  const value = milliseconds(given, name);
  if (value === 0) throw new GuardError("option_invalid", `\`${name}\` must be longer than 0, or no token would be valid. Write a duration such as "1h".`);
  return Math.min(value, maxDuration);
}
