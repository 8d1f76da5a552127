/** socket.io-guard/http: `httpAuth()` asks an HTTP endpoint of the host who connects, by deepstream's contract. It is a subpath of its own because it needs `opossum`. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Authenticator, GuardHandshake, GuardIdentity } from "../authenticate/authenticator.js";
import { LookupCache, type LookupResult } from "../authenticate/lookup-cache.js";
import { FailureWarnings } from "../failure-warnings.js";
import { GuardError } from "../guard-error.js";
import { refuse, type Refusal } from "../refusal.js";
import type { ClaimsSchema } from "../token/options.js";
import { endpoint, restTime, withBreaker } from "./endpoint.js";
import { EndpointError } from "./endpoint-error.js";
import { readHttpAuthOptions, type HttpAuthOptions } from "./options.js";
import { hasCredentials, requestBody } from "./request.js";
import type { EndpointResult } from "./result.js";

export type { HttpAuthOptions } from "./options.js";

/** The claims that rules see: the schema's output, or all claims of the answer, with `sub`, which is the answer's id. */
export type HttpClaims<Schema> =
  (Schema extends StandardSchemaV1<unknown, infer Output> ? Output : Readonly<Record<string, unknown>>) & { readonly sub: string };

export interface HttpAuth<Claims> extends Authenticator<Claims> {
  readonly name: "httpAuth";
  authenticate(handshake: GuardHandshake): Promise<GuardIdentity<Claims> | Refusal> | Refusal | undefined;
}

// Where clients put the name of the user who logs in. Only the endpoint knows which of them it reads.
const accountFields = ["username", "user", "email", "login"];

/**
 * Asks an endpoint who connects: `POST { connectionData: { remoteAddress, namespace, headers }, authData }`. With status 200,
 * the body names the user: an id as text, or `{ id, clientData, serverData, expiresIn, claims }` as JSON (`expiresIn` in
 * milliseconds). A body without an id admits a guest. Another status below 500 refuses as `credential_invalid`. Anything
 * else (a redirect, 5xx, 408, 421, 425, 429, a timeout, an answer above 64 KiB or that cannot be read) refuses as
 * `unavailable`. An answer is kept for `cacheFor`, and for as long again while the endpoint cannot be asked. A handshake
 * without `auth` and without a forwarded credential is left to the next authenticator.
 * @throws GuardError `option_invalid`, `option_unknown`, `option_undefined`, `claims_async`
 */
export function httpAuth<Schema extends ClaimsSchema | undefined = undefined>(options: HttpAuthOptions<Schema>): HttpAuth<HttpClaims<Schema>> {
  const config = readHttpAuthOptions(options);
  const { headers, cacheFor, onError } = config;
  const ask = withBreaker(endpoint(config));
  const lookups = new LookupCache({
    method: "httpAuth",
    ask: async (body) => withEnd(await ask(body)),
    cacheFor,
    answersFromCache: true,
    endedCode: "credential_invalid",
    errorOf: (error) => error instanceof GuardError ? error : new GuardError("endpoint_failed", "The schema in the `claims` option of httpAuth() threw.", { cause: error }),
    onError,
    warnings: new FailureWarnings({ code: "ENDPOINT_FAILED", recovered: "The endpoint of httpAuth() answers again." }),
  });

  async function identityOf(body: string): Promise<GuardIdentity<HttpClaims<Schema>> | Refusal> {
    try {
      const identity = await lookups.identity(body) as GuardIdentity<HttpClaims<Schema>> | undefined;
      return identity ?? refuse("credential_invalid", { reason: "the endpoint refused it" });
    } catch (error) {
      // The host was told of each failure that led to this.
      if (error instanceof EndpointError && error.code === "endpoint_resting") return refuse("unavailable", { retryAfter: restTime, reason: error.message });
      throw error;
    }
  }

  return Object.freeze<HttpAuth<HttpClaims<Schema>>>({
    name: "httpAuth",
    reads: Object.freeze({ auth: "all", headers: headers.credentials, ...(headers.hasCookies && { cookies: "all" as const }) }),
    accountOf: ({ auth }) => accountFields.map((field) => auth[field]).filter((value) => typeof value === "string"),
    authenticate(handshake) {
      if (!hasCredentials(handshake, headers)) return undefined;
      const body = requestBody(handshake, headers);
      return body === undefined ? refuse("credential_malformed", { reason: "its `auth` and headers are longer than 64 KiB, or nested too deep" }) : identityOf(body);
    },
  });
}

function withEnd(result: EndpointResult | undefined): LookupResult | undefined {
  return result && { ...result, endsAt: Date.now() + result.expiresIn };
}
