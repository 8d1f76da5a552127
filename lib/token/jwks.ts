/** Loads the keys of a JWKS URL (RFC 7517), for `keyRing({ load })`. `jose` fetches them. A subpath of its own, so that only its users need `jose`. */
import { createRemoteJWKSet, customFetch } from "jose";
import { attempt } from "../callbacks.js";
import { type Duration, duration, readOptionsBy, withDefault } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { readBody, safeUrl } from "../http-client.js";
import { type Algorithm, algorithmNames, isAlgorithm, keyNeeds } from "./algorithms.js";
import { type JwtKey, bindKey } from "./key.js";
import { type Jwk, isJwk } from "./key-import.js";

/** The options of jwks(). */
export interface JwksOptions {
  /** The algorithms that its keys may have. A key that names none gets the only one of these that fits it. @default RS, PS and ES with SHA-2 */
  readonly algorithms?: readonly Algorithm[];
  /** How long the answer may take. @default "5s" */
  readonly timeout?: Duration;
}

const asymmetric = algorithmNames.filter((name) => keyNeeds[name].family !== "secret");
const table = { algorithms: withDefault(asymmetric, readAlgorithms), timeout: duration("5s") };
// The JWKS of a large issuer has some 20 KiB.
const maxBytes = 512 * 1024;

/**
 * A `load` that returns the keys of a JWKS that can verify tokens here. It leaves out keys for encryption, symmetric keys, keys
 * that are too short, and keys of other algorithms. It follows no redirect and reads at most 512 KiB.
 * @param url https, or http on this machine
 * @throws GuardError `option_invalid`, `option_unknown`; the promise of the returned function rejects with
 * `jwks_unusable`, `jwks_too_large` or an error of `jose` or `fetch`
 */
export function jwksLoader(url: string | URL, options: JwksOptions = {}): (signal: AbortSignal) => Promise<readonly JwtKey[]> {
  const { algorithms, timeout } = readOptionsBy(table, options, { where: "jwksLoader()" });
  const address = safeUrl(url) ?? refuseUrl();
  return async (signal) => {
    const remote = createRemoteJWKSet(address, {
      timeoutDuration: timeout,
      [customFetch]: async (href, init) => bounded(await fetch(href, { ...init, signal: AbortSignal.any([init.signal, signal]) })),
    });
    await remote.reload();
    return usableKeys(remote.jwks()?.keys ?? [], algorithms);
  };
}

function usableKeys(jwks: readonly object[], algorithms: readonly Algorithm[]): readonly JwtKey[] {
  let problem: GuardError | undefined;
  const keys = jwks.flatMap((jwk) => {
    try {
      return usableKey(jwk, algorithms);
    } catch (error) {
      if (!(error instanceof GuardError)) throw error;
      problem ??= error;
      return [];
    }
  });
  if (keys.length > 0) return keys;
  throw new GuardError("jwks_unusable", `The JWKS has no key that can be used here. ${problem === undefined ? "It is empty." : `Its first key: ${problem.message}`}`);
}

/** @throws GuardError those of `bindKey` */
function usableKey(jwk: object, algorithms: readonly Algorithm[]): JwtKey {
  if (!isJwk(jwk)) throw new GuardError("algorithm_unfit", "A symmetric key in a JWKS is known to everybody who can read it. Publish public keys only.");
  const { kid } = jwk;
  const key: JwtKey = { ...(kid !== undefined && { kid }), publicKey: jwk, algorithm: algorithmOf(jwk, algorithms) };
  bindKey(key);
  return key;
}

function algorithmOf(jwk: Jwk, algorithms: readonly Algorithm[]): Algorithm {
  const named = algorithms.find((algorithm) => algorithm === jwk.alg);
  if (named !== undefined) return named;
  if (jwk.alg !== undefined) throw new GuardError("algorithm_unfit", "It is for an algorithm that is not allowed. Add it to `algorithms` of jwksLoader() if its tokens may be accepted.");
  const fitting = algorithms.length === 1 ? algorithms : algorithms.filter((algorithm) => attempt(() => bindKey({ publicKey: jwk, algorithm })));
  if (fitting.length === 1) return fitting[0]!;
  throw new GuardError("option_missing", "It names no algorithm. Give exactly one that fits it to jwksLoader(), for example algorithms: [\"RS256\"].");
}

/** The same response, with a body of limited size. */
async function bounded(response: Response): Promise<Response> {
  const { status } = response;
  if (status !== 200) {
    await response.body?.cancel();
    return new Response(null, { status });
  }
  const body = await readBody(response, maxBytes);
  if (body === undefined) throw new GuardError("jwks_too_large", `The answer of the JWKS URL is larger than ${maxBytes} bytes. Check that it is the address of a JWKS.`);
  return new Response(body, { status });
}

function refuseUrl(): never {
  throw new GuardError("option_invalid", "jwksLoader() takes the https address of a JWKS, because anyone who can change the answer on its way could sign tokens. Plain http is only for localhost.");
}

function readAlgorithms(given: unknown): readonly Algorithm[] {
  if (Array.isArray(given) && given.length > 0 && given.every((name) => isAlgorithm(name) && asymmetric.includes(name))) return given as Algorithm[];
  throw new GuardError("option_invalid", `\`algorithms\` of jwksLoader() must be a list of some of ${asymmetric.join(", ")}.`);
}
