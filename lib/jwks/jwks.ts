/** `jwksLoader()`: the keys of a JSON Web Key Set (RFC 7517). */
import { GuardError } from "../guard-error.js";
import type { JsonObject } from "../token/json.js";
import type { JwtKey } from "../token/key.js";
import { isJwk } from "../token/key-import.js";
import { documentUrl, fetchDocument, unusable } from "./document.js";
import { type PublishedKeysLoader, type PublishedKeysOptions, algorithmOf, readOptions, usableKeys } from "./published-keys.js";

/**
 * A `load` that returns the keys of a JWKS that can verify tokens here. It leaves out keys for encryption, symmetric keys, keys
 * that are too short, and keys of other algorithms. It follows no redirect and reads at most 512 KiB.
 * @param url https, or http on this machine
 * @throws GuardError `option_invalid`, `option_unknown`; the promise of the returned function rejects with
 * `jwks_unusable`, `jwks_too_large` or an error of `fetch`
 */
export function jwksLoader(url: string | URL, options: PublishedKeysOptions = {}): PublishedKeysLoader {
  const read = readOptions(options, "jwksLoader()");
  const address = documentUrl(url, "jwksLoader()");
  return async (signal) => keysOfJwks(await fetchDocument(address, read.timeout, signal), read);
}

/** @throws GuardError `jwks_unusable` */
export function keysOfJwks({ keys }: JsonObject, options: ReturnType<typeof readOptions>): readonly JwtKey[] {
  if (!Array.isArray(keys)) throw unusable("The answer is not a JWKS: it has no list `keys`. Give the address of a JWKS, or use certificateLoader() for X.509 certificates.");
  return usableKeys(keys as unknown[], "JWKS", (jwk) => {
    if (!isJwk(jwk)) throw new GuardError("algorithm_unfit", "It is not a public key. A symmetric key in a JWKS is known to everybody who can read it.");
    const { kid } = jwk;
    return { ...(kid !== undefined && { kid }), publicKey: jwk, algorithm: algorithmOf(jwk, jwk.alg, options) };
  });
}
