/** `certificateLoader()`: the keys of X.509 certificates, as Firebase and Google publish them: `{ "kid": "-----BEGIN CERTIFICATE-----..." }`. */
import { X509Certificate } from "node:crypto";
import { attempt } from "../callbacks.js";
import { GuardError } from "../guard-error.js";
import type { JwtKey } from "../token/key.js";
import { documentUrl, fetchDocument } from "./document.js";
import { type PublishedKeysLoader, type PublishedKeysOptions, algorithmOf, readOptions, usableKeys } from "./published-keys.js";

/**
 * A `load` that returns the keys of a document with an X.509 certificate for each `kid`. It leaves out certificates that have
 * expired or are not valid yet, and keys that are too short or of other algorithms. A key is accepted until its certificate
 * expires. It follows no redirect and reads at most 512 KiB.
 * @param url https, or http on this machine
 * @throws GuardError `option_invalid`, `option_unknown`; the promise of the returned function rejects with
 * `jwks_unusable`, `jwks_too_large` or an error of `fetch`
 */
export function certificateLoader(url: string | URL, options: PublishedKeysOptions = {}): PublishedKeysLoader {
  const read = readOptions(options, "certificateLoader()");
  const address = documentUrl(url, "certificateLoader()");
  return async (signal) => {
    const document = await fetchDocument(address, read.timeout, signal);
    return usableKeys(Object.entries(document), "document of certificates", ([kid, pem]) => keyOf(kid, pem, read));
  };
}

// Nobody checks who signed a certificate: its key is trusted because it came by https from the address that the host gave.
function keyOf(kid: string, pem: unknown, options: ReturnType<typeof readOptions>): JwtKey {
  const certificate = attempt(() => new X509Certificate(pem as string));
  if (certificate === undefined) throw new GuardError("option_invalid", "It is not an X.509 certificate in PEM. Use jwksLoader() for a JWKS.");
  const now = Date.now();
  const validTo = Date.parse(certificate.validTo);
  if (!(Date.parse(certificate.validFrom) <= now && now < validTo)) throw new GuardError("option_invalid", "Its certificate has expired, or is not valid yet.");
  const publicKey = attempt(() => certificate.publicKey);
  if (publicKey === undefined) throw new GuardError("algorithm_unfit", "Its certificate has a kind of key that Node.js cannot read.");
  return { kid, publicKey, algorithm: algorithmOf(publicKey, undefined, options), acceptUntil: validTo };
}
