/** Keys of a JWKS URL (RFC 7517), for `keyRing({ load })`; fetched by `jose`. A subpath of its own, so that only who uses it needs `jose`. */
import { createRemoteJWKSet, customFetch } from "jose";
import { type Duration, refuseUnknownOptions, waitingTime } from "../configuration.js";
import { isLoopback } from "../loopback.js";
import { GuardError } from "../guard-error.js";
import { type Algorithm, algorithmNames, isAlgorithm, needsOf } from "./algorithms.js";
import { type Key, bindKey } from "./key.js";
import { type Jwk, isJwk } from "./kind.js";

export interface JwksOptions {
  /** The algorithms that its keys may have. A key that names none gets the only one of these that fits it. @default RS, PS and ES with SHA-2 */
  readonly algorithms?: readonly Algorithm[];
  /** How long the answer may take. @default "5s" */
  readonly timeout?: Duration;
}

const asymmetric = algorithmNames.filter((name) => needsOf(name).family !== "secret");
// A JWKS of a large issuer has some 20 KiB.
const mostBytes = 512 * 1024;

/**
 * A `load` that answers the keys of a JWKS that can verify here. The rest are left out: for encryption, symmetric, too short, of an
 * algorithm or with a `kid` that tokens cannot have here. It follows no redirect, and reads 512 KiB at most.
 * @param url https, or http on this machine
 * @throws GuardError `jwks_url_invalid`, `algorithms_invalid`, `option_unknown`, `option_invalid`; what it answers rejects with
 * `jwks_unusable`, `jwks_too_large` or an error of `jose` or `fetch`
 */
export function jwksLoader(url: string | URL, options: JwksOptions = {}): (signal: AbortSignal) => Promise<readonly Key[]> {
  refuseUnknownOptions(options, ["algorithms", "timeout"], "jwksLoader()");
  const address = readUrl(url);
  const algorithms = readAlgorithms(options.algorithms ?? asymmetric);
  const timeoutDuration = waitingTime(options.timeout ?? "5s", "The timeout of jwksLoader()");
  return async (signal) => {
    const remote = createRemoteJWKSet(address, {
      timeoutDuration,
      [customFetch]: async (href, init) => bounded(await fetch(href, { ...init, signal: AbortSignal.any([init.signal, signal]) })),
    });
    await remote.reload();
    return usable(remote.jwks()?.keys ?? [], algorithms);
  };
}

function usable(jwks: readonly object[], algorithms: readonly Algorithm[]): readonly Key[] {
  const reasons = new Set<string>();
  const keys = jwks.flatMap((jwk) => {
    try {
      return keyOf(jwk, algorithms);
    } catch (error) {
      if (!(error instanceof GuardError)) throw error;
      reasons.add(error.code);
      return [];
    }
  });
  if (keys.length > 0) return keys;
  const why = reasons.size === 0 ? "it is empty" : [...reasons].join(", ");
  throw new GuardError("jwks_unusable", `The JWKS has no key that can be used here (${why}): name the algorithms of its tokens if its keys name none, and see that a kid has only letters, digits and _.:- characters.`);
}

/** @throws GuardError those of `bindKey` */
function keyOf(jwk: object, algorithms: readonly Algorithm[]): Key {
  if (!isJwk(jwk)) throw new GuardError("key_symmetric", "A symmetric key in a JWKS is known to all who can read it: publish public keys only.");
  const { kid } = jwk;
  const key: Key = { ...(kid !== undefined && { kid }), publicKey: jwk, algorithm: algorithmOf(jwk, algorithms) };
  bindKey(key);
  return key;
}

function algorithmOf(jwk: Jwk, algorithms: readonly Algorithm[]): Algorithm {
  const named = algorithms.find((algorithm) => algorithm === jwk.alg);
  if (named !== undefined) return named;
  if (jwk.alg !== undefined) throw new GuardError("algorithm_unfit", "A key of the JWKS is for an algorithm that is not among those allowed: add it to algorithms if its tokens may be accepted.");
  const fitting = algorithms.filter((algorithm) => fits(algorithm, jwk));
  if (fitting.length === 1) return fitting[0]!;
  throw new GuardError("algorithm_missing", "A key of the JWKS names no algorithm: give exactly one that fits it, for example algorithms: [\"RS256\"].");
}

const curves: Partial<Record<string, string>> = { "P-256": "prime256v1", "P-384": "secp384r1", "P-521": "secp521r1" };

function fits(algorithm: Algorithm, { kty, crv }: Jwk): boolean {
  const { family, curve } = needsOf(algorithm);
  return kty === "RSA" ? family === "rsa" : kty === "EC" && curve !== undefined && curve === curves[crv ?? ""];
}

/** The same answer with its body read, so that no server can fill the memory. */
async function bounded(response: Response): Promise<Response> {
  const { status, body } = response;
  if (status !== 200 || body === null) {
    await body?.cancel();
    return response;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > mostBytes) throw new GuardError("jwks_too_large", `The answer of the JWKS URL is larger than ${mostBytes} bytes: see that it is the address of a JWKS.`);
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks), { status });
}

function readUrl(given: unknown): URL {
  const url = URL.canParse(String(given)) ? new URL(String(given)) : undefined;
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname))) return url;
  throw new GuardError("jwks_url_invalid", "jwksLoader() takes the https address of a JWKS: whoever can change it on its way could sign tokens. Plain http is for localhost only.");
}

function readAlgorithms(given: unknown): readonly Algorithm[] {
  if (Array.isArray(given) && given.length > 0 && given.every((name) => isAlgorithm(name) && asymmetric.includes(name))) return given as Algorithm[];
  throw new GuardError("algorithms_invalid", `algorithms is not a list of algorithms for public keys: choose from ${asymmetric.join(", ")}.`);
}
