/** The options of `jwt()`, read once into what tokens are verified and issued by. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { attempt } from "../callbacks.js";
import { type Duration, type Reader, milliseconds, optional, readOptionsBy, wholeNumber, withDefault } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { type Algorithm, algorithmNames, listOf } from "./algorithms.js";
import { type ClaimList, type ListReader, rolesReader, scopesReader } from "./claim-lists.js";
import { type Keys, keySetOf } from "./create-key-ring.js";
import { type Issuer, type IssuerCheck, readIssuer, readNames } from "./issuer.js";
import type { KeySet } from "./key-ring.js";
import { type RequiredClaims, readRequired } from "./required-claims.js";

/** A synchronous Standard Schema whose output is an object: of zod, valibot, arktype and others. */
export type ClaimsSchema = StandardSchemaV1<unknown, object>;

/** The options of jwt() that say which tokens are valid. */
export interface TokenOptions {
  /** A secret of at least 32 bytes, a list of keys of which the first signs, or a `keyRing([...])`. */
  readonly keys: Keys | undefined;
  /** Allows only these algorithms. @default those of the keys */
  readonly algorithms?: readonly Algorithm[];
  /** `iss` must be this, or one of these. Or a function that returns true for each `iss` that is trusted. @default that of `discoveryLoader`, or any */
  readonly issuer?: string | readonly string[] | IssuerCheck;
  /** `aud` must include this, or one of these. @default any */
  readonly audience?: string | readonly string[];
  /** Claims that must be there, each with this value or one of these: `{ token_use: "access" }`. A claim that is a list must include one. @default none */
  readonly require?: RequiredClaims;
  /** Where the token holds the roles of its user, such as `"realm_access.roles"`. They become `user.roles`, which `role(...)` reads. @default `role(...)` reads the claims `role` and `roles` */
  readonly roles?: ClaimList;
  /** Where the token holds the scopes of its user. They become `user.scopes`, which `scope(...)` reads. @default `scope(...)` reads the claims `scopes`, `scope` and `scp` */
  readonly scopes?: ClaimList;
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
  /** The most characters that a token may have: 256 to 16,384. Node reads at most 16 KiB of headers, cookies among them. @default 8,192 */
  readonly maxTokenLength?: number;
  /** The cookie that may hold the token. It makes the guard's `origins` required. @default no cookie is read */
  readonly cookie?: string;
}

const table = {
  keys: (given) => given,
  algorithms: optional(listOf(algorithmNames)),
  issuer: optional(readIssuer),
  audience: optional(readNames),
  require: optional(readRequired),
  roles: optional(rolesReader),
  scopes: optional(scopesReader),
  claims: optional(readSchema),
  subject: withDefault("sub", readSubject),
  clockTolerance: optional(readTolerance),
  maxAge: optional(positive),
  maxLifetime: withDefault(90 * 86_400_000, positive),
  maxTokenLength: wholeNumber(256, 16_384, 8_192),
  cookie: optional(readCookieName),
} satisfies Record<keyof TokenOptions, Reader<unknown>>;

/** Tolerances and `maxAge` are in seconds, as tokens count; `maxLifetime` is in milliseconds. */
export interface TokenConfig {
  readonly ring: KeySet;
  readonly algorithms: ReadonlySet<string>;
  readonly issuer: Issuer | undefined;
  readonly audiences: readonly string[] | undefined;
  readonly required: ReturnType<typeof readRequired> | undefined;
  readonly roles: ListReader | undefined;
  readonly scopes: ListReader | undefined;
  readonly schema: ClaimsSchema | undefined;
  readonly subject: string;
  readonly startTolerance: number;
  readonly endTolerance: number;
  readonly maxAge: number | undefined;
  readonly maxLifetime: number;
  readonly maxTokenLength: number;
  readonly cookie: string | undefined;
}

/** @throws GuardError `option_undefined`, `option_unknown`, `option_missing`, `option_invalid`, `algorithm_unfit`, `claims_async`, and those of `keyRing` */
export function readTokenOptions(given: unknown): TokenConfig {
  if (typeof given !== "object" || given === null || given instanceof Uint8Array) {
    throw new GuardError("option_invalid", "jwt() takes an object of options: write jwt({ keys }) with a secret of at least 32 bytes.");
  }
  const context = { where: "jwt()", notUndefined: ["algorithms", "issuer", "audience", "require", "roles", "scopes", "claims", "subject", "maxAge"] };
  const { keys, algorithms, issuer, audience, require, claims, clockTolerance, maxAge, ...same } = readOptionsBy(table, given, context);
  const ring = keySetOf(keys, algorithms);
  return Object.freeze({
    ...same,
    ring,
    algorithms: allowedAlgorithms(ring, algorithms),
    issuer: issuer ?? (ring.issuer === undefined ? undefined : [ring.issuer]),
    audiences: audience,
    required: require,
    schema: claims,
    startTolerance: (clockTolerance ?? 5_000) / 1000,
    endTolerance: (clockTolerance ?? 0) / 1000,
    maxAge: maxAge === undefined ? undefined : maxAge / 1000,
  });
}

function allowedAlgorithms(ring: KeySet, algorithms: readonly Algorithm[] | undefined): ReadonlySet<string> {
  // Keys that are not loaded yet may have any algorithm.
  const unfit = ring.isLoaded ? algorithms?.find((algorithm) => !ring.keys.some((key) => key.algorithm === algorithm)) : undefined;
  if (unfit !== undefined) {
    throw new GuardError("algorithm_unfit", `\`algorithms\` has ${unfit}, but no key is bound to it. Leave it out, or add a key with algorithm: "${unfit}".`);
  }
  // Without `algorithms`, a key that is added later may have any.
  return new Set(algorithms ?? algorithmNames);
}

/** @throws GuardError `option_invalid`, `claims_async` */
export function readSchema(given: unknown): ClaimsSchema {
  const standard = (given as Partial<ClaimsSchema> | null | undefined)?.["~standard"];
  if (typeof standard?.validate !== "function") {
    throw new GuardError("option_invalid", "`claims` must be a Standard Schema, such as one of zod, valibot or arktype.");
  }
  // Most asynchronous schemas return a promise for any value. So the host learns of it now, and not with the first token.
  refusePromise(attempt(() => standard.validate({})));
  return given as ClaimsSchema;
}

/** @throws GuardError `claims_async` */
export function refusePromise<Answer>(answer: Answer | Promise<Answer>): asserts answer is Answer {
  if (!(answer instanceof Promise)) return;
  answer.catch(() => undefined);
  throw new GuardError("claims_async", "The schema in `claims` is asynchronous. Give one without asynchronous checks, and look up in `findUser` what has to be awaited.");
}

function readSubject(given: unknown): string {
  if (typeof given === "string" && given !== "") return given;
  throw new GuardError("option_invalid", "`subject` must be the name of a claim, such as \"userId\". Leave it out to use `sub`.");
}

function readTolerance(given: unknown, name: string): number {
  const tolerance = milliseconds(given, name);
  if (tolerance <= 60_000) return tolerance;
  throw new GuardError("option_invalid", "`clockTolerance` must be at most 60 s. If clocks differ by more, synchronize them with NTP.");
}

/** The last second of the year 9999, which a token cannot outlive. */
export const lastInstant = 253_402_300_799;

function positive(given: unknown, name: string): number {
  const value = milliseconds(given, name);
  if (value === 0) throw new GuardError("option_invalid", `\`${name}\` must be longer than 0, or no token would be valid. Write a duration such as "1h".`);
  // A larger number would only lose precision.
  return Math.min(value, lastInstant * 1000);
}

/** A cookie's name is a token of HTTP (RFC 6265, section 4.1.1). */
function readCookieName(given: unknown): string {
  if (typeof given === "string" && /^[\w!#$%&'*+.^`|~-]{1,256}$/.test(given)) return given;
  throw new GuardError("option_invalid", "`cookie` must be the name of a cookie, such as \"access_token\".");
}
