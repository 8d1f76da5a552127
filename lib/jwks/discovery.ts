/** `discoveryLoader()`: finds the JWKS of an issuer by its OpenID configuration (OpenID Connect Discovery 1.0, section 4). */
import { GuardError } from "../guard-error.js";
import { safeUrl } from "../http-client.js";
import { slashHint } from "../token/required-claims.js";
import { documentUrl, fetchDocument, unusable } from "./document.js";
import { keysOfJwks } from "./jwks.js";
import { type PublishedKeysLoader, type PublishedKeysOptions, readOptions } from "./published-keys.js";

/** Loads the keys of an issuer. A ring that loads them accepts only tokens of this `issuer`, unless `jwt()` names others. */
export type DiscoveryLoader = PublishedKeysLoader & { readonly issuer: string };

/**
 * A `load` that returns the keys of the JWKS which an issuer names in its OpenID configuration. The configuration must name
 * exactly this issuer. It is otherwise like `jwksLoader`.
 * @param issuer exactly the `iss` of its tokens: https, or http on this machine
 * @throws GuardError `option_invalid`, `option_unknown`; the promise of the returned function rejects with
 * `issuer_mismatch`, `jwks_unusable`, `jwks_too_large` or an error of `fetch`
 */
export function discoveryLoader(issuer: string, options: PublishedKeysOptions = {}): DiscoveryLoader {
  const read = readOptions(options, "discoveryLoader()");
  const configuration = configurationOf(issuer);
  const load: PublishedKeysLoader = async (signal) => {
    const document = await fetchDocument(configuration, read.timeout, signal);
    if (document["issuer"] !== issuer) throw mismatch(issuer, document["issuer"]);
    return keysOfJwks(await fetchDocument(jwksUri(document["jwks_uri"], configuration), read.timeout, signal), read);
  };
  return Object.assign(load, { issuer });
}

/** A slash at the end of the issuer is left out here, but it belongs to the `iss` of its tokens. */
function configurationOf(issuer: string): URL {
  const { search, hash } = documentUrl(issuer, "discoveryLoader()");
  if (typeof issuer !== "string" || search !== "" || hash !== "") throw new GuardError("option_invalid", "discoveryLoader() takes the issuer as it stands in the `iss` of its tokens: text without a query string and without a #.");
  return new URL(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
}

/** Plain http is allowed only if the issuer is on this machine, too: another issuer must not make this machine send requests to itself. */
function jwksUri(given: unknown, { protocol }: URL): URL {
  const url = safeUrl(given);
  if (url !== undefined && (url.protocol === "https:" || protocol === "http:")) return url;
  throw unusable("The `jwks_uri` of the OpenID configuration is missing, or is not an https address. Check the issuer, or use jwksLoader() with the address of its JWKS.");
}

function mismatch(issuer: string, named: unknown): GuardError {
  const found = typeof named === "string" ? JSON.stringify(named.slice(0, 200)) : "no issuer";
  return new GuardError("issuer_mismatch", `discoveryLoader() was given ${JSON.stringify(issuer)}${slashHint(issuer, [named])}, but the OpenID configuration names ${found}. Give the issuer exactly as it stands in the \`iss\` of your tokens.`);
}
