/** What a token must fulfil: the options of `jwt()` -> frozen rules, read once. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type Duration, milliseconds, refuseUndefined } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { type Algorithm, algorithmNames, isAlgorithm } from "./algorithms.js";
import { lastInstant, refusePromise } from "./claims.js";
import { type Keys, ringOf } from "./keys.js";
import type { Ring } from "./ring.js";

/** Any Standard Schema that answers at once and whose output is an object: zod, valibot, arktype. */
export type ClaimsSchema = StandardSchemaV1<unknown, object>;

export interface TokenOptions {
  /** A secret of at least 32 bytes, a list of keys of which the first signs, or a `keyRing([...])`. */
  readonly keys: Keys | undefined;
  /** Narrows the algorithms that the keys allow. @default those of the keys */
  readonly algorithms?: readonly Algorithm[];
  /** `iss` must be this, or one of these. @default not looked at */
  readonly issuer?: string | readonly string[];
  /** `aud` must hold this, or one of these. @default not looked at */
  readonly audience?: string | readonly string[];
  /** A schema for the payload: what it answers, and the registered claims, are the claims that rules see. @default the whole payload */
  readonly claims?: ClaimsSchema;
  /** The claim that names the user in place of `sub`: a string of 1 to 1,024 characters, or an integer. @default "sub" */
  readonly subject?: string;
  /** How far clocks may differ, for `exp`, `nbf` and `iat` alike; at most 60 s. @default 5 s for `nbf` and `iat`, 0 for `exp` */
  readonly clockTolerance?: Duration;
  /** A token this long after its `iat` is expired, whatever its `exp`; `iat` is then required. @default no such end */
  readonly maxAge?: Duration;
  /** `exp - iat` is at most this; without `iat`, a token is active for this long before `exp`. @default "90d" */
  readonly maxLifetime?: Duration;
}

export const tokenOptions = ["keys", "algorithms", "issuer", "audience", "claims", "subject", "clockTolerance", "maxAge", "maxLifetime"] as const;

/** Durations are in the unit that they are used in: tolerances and `maxAge` in seconds as a token counts, `maxLifetime` in milliseconds. */
export interface TokenRules {
  readonly ring: Ring;
  readonly algorithms: ReadonlySet<string>;
  readonly issuers: readonly string[] | undefined;
  readonly audiences: readonly string[] | undefined;
  readonly schema: ClaimsSchema | undefined;
  readonly subject: string;
  readonly startTolerance: number;
  readonly endTolerance: number;
  readonly maxAge: number | undefined;
  readonly maxLifetime: number;
}

const maxTolerance = 60_000;
/** Longer than any token can live: more would only lose precision. */
const longest = lastInstant * 1000;

/**
 * @throws GuardError `option_undefined`, `algorithms_invalid`, `algorithms_unfit`, `issuer_invalid`, `audience_invalid`, `claims_invalid`,
 * `claims_async`, `subject_invalid`, `clock_tolerance_invalid`, `option_invalid`, and those of `keyRing`
 */
export function tokenRules(options: TokenOptions): TokenRules {
  refuseUndefined(options, ["algorithms", "issuer", "audience", "claims", "subject", "maxAge"], "jwt()");
  const algorithms = readAlgorithms(options.algorithms);
  const ring = ringOf(options.keys, algorithms);
  const tolerance = readTolerance(options.clockTolerance);
  return Object.freeze({
    ring,
    algorithms: allowed(ring, algorithms),
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
    throw new GuardError("algorithms_invalid", `algorithms is not a list of known names: choose from ${algorithmNames.join(", ")}.`);
  }
  return given;
}

function allowed(ring: Ring, algorithms: readonly Algorithm[] | undefined): ReadonlySet<string> {
  const bound = new Set<Algorithm>(ring.keys.map((key) => key.algorithm));
  // A ring that is not loaded yet may bring any.
  const unfit = ring.isLoaded ? algorithms?.find((algorithm) => !bound.has(algorithm)) : undefined;
  if (unfit !== undefined) {
    throw new GuardError("algorithms_unfit", `No key is bound to ${unfit}: leave it out of algorithms, or add a key with algorithm: "${unfit}".`);
  }
  // Without `algorithms`, a key that is added later brings its own.
  return new Set(algorithms ?? algorithmNames);
}

function readNames(given: unknown, name: "issuer" | "audience"): readonly string[] | undefined {
  if (given === undefined) return undefined;
  const names: unknown[] = Array.isArray(given) ? given : [given];
  if (names.length === 0 || !names.every((one) => typeof one === "string" && one !== "")) {
    throw new GuardError(`${name}_invalid`, `${name} is not a name: give a string that is not empty, or a list of such strings.`);
  }
  return Object.freeze([...names as string[]]);
}

/** @throws GuardError `claims_invalid`, `claims_async` */
export function readSchema(schema: ClaimsSchema | undefined): ClaimsSchema | undefined {
  if (schema === undefined) return undefined;
  const standard: unknown = (typeof schema === "object" && schema !== null) || typeof schema === "function" ? schema["~standard"] : undefined;
  if (typeof (standard as Partial<ClaimsSchema["~standard"]> | undefined)?.validate !== "function") {
    throw new GuardError("claims_invalid", "claims is not a Standard Schema: give a schema of zod, valibot, arktype or another library that has ~standard.");
  }
  // Most asynchronous schemas answer a promise whatever they are asked: better told at the start than by the first token.
  refusePromise(attempt(() => schema["~standard"].validate({})));
  return schema;
}

function attempt<Result>(make: () => Result): Result | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

function readSubject(given: unknown): string {
  if (given !== undefined && (typeof given !== "string" || given === "")) {
    throw new GuardError("subject_invalid", "subject is not the name of a claim: give one such as \"userId\", or leave it out for sub.");
  }
  return given ?? "sub";
}

function readTolerance(given: Duration | undefined): number | undefined {
  if (given === undefined) return undefined;
  const tolerance = milliseconds(given, "clockTolerance");
  if (tolerance > maxTolerance) {
    throw new GuardError("clock_tolerance_invalid", "clockTolerance is more than 60 s: set the servers' clocks by NTP and give at most \"60s\".");
  }
  return tolerance;
}

function positive(given: Duration, name: string): number {
  const value = milliseconds(given, name);
  if (value === 0) throw new GuardError("option_invalid", `${name} is 0, so that no token would hold: give more, for example "1h".`);
  return Math.min(value, longest);
}
