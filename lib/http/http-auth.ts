/** `httpAuth()`: who connects is whom an HTTP endpoint of the host's names, by deepstream's contract. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Authenticator, Handshake, Identity } from "../authenticate/authenticator.js";
import { denial, type Denial } from "../protocol.js";
import type { ClaimsSchema } from "../token/rules.js";
import { restFor, withBreaker } from "./breaker.js";
import { endpoint } from "./endpoint.js";
import { isAsking, questionOf } from "./forwarded.js";
import { Questions } from "./questions.js";
import { readRules, type HttpAuthOptions } from "./rules.js";
import { Trouble } from "./trouble.js";

/** The claims that rules see: a schema's output, or everything that the answer claims, and `sub`, which is the answer's id. */
export type HttpClaims<Schema> =
  (Schema extends StandardSchemaV1<unknown, infer Output> ? Output : Readonly<Record<string, unknown>>) & { readonly sub: string };

export interface HttpAuth<Claims> extends Authenticator<Claims> {
  readonly name: "http";
  authenticate(handshake: Handshake): Promise<Identity<Claims> | Denial> | Denial | undefined;
}

// Where clients put the name of a user who logs in.
const accountFields = ["username", "user", "email", "login"];

/**
 * Asks an endpoint who connects: `POST { connectionData: { remoteAddress, namespace, headers }, authData }`. A permitted
 * status admits whom the body names: a user's id as text, or `{ id, clientData, serverData, expiresIn, claims }` as JSON
 * (`expiresIn` in milliseconds); whom it does not name is a guest. Another status below 500 refuses as `token_invalid`.
 * Whatever else (a redirect, 5xx, 408, 421, 425, 429, no answer in time, one that is larger than 64 KiB or cannot be read) refuses as
 * `unavailable`. The answer holds for `ttl`; while the endpoint then says nothing, for one more. A handshake without `auth`
 * and without a forwarded credential is left to the next authenticator.
 * @throws GuardError `options_invalid`, `option_unknown`, `option_undefined`, `endpoint_url_invalid`, `status_codes_invalid`,
 * `duration_invalid`, `headers_invalid`, `secret_invalid`, `claims_invalid`, `claims_async`
 */
export function httpAuth<Schema extends ClaimsSchema | undefined = undefined>(options: HttpAuthOptions<Schema>): HttpAuth<HttpClaims<Schema>> {
  const { endpoint: asked, forwarded, ttl, failed } = readRules(options);
  const questions = new Questions(withBreaker(endpoint(asked)), ttl, failed);

  async function identityOf(body: string): Promise<Identity<HttpClaims<Schema>> | Denial> {
    try {
      return (await questions.identity(body) as Identity<HttpClaims<Schema>> | undefined) ?? denial("credential_invalid");
    } catch (error) {
      // The host has heard of each failure that led to this.
      if (error instanceof Trouble && error.code === "endpoint_resting") return denial("unavailable", { retryAfter: restFor });
      throw error;
    }
  }

  return Object.freeze<HttpAuth<HttpClaims<Schema>>>({
    name: "http",
    reads: Object.freeze({ auth: "all", headers: forwarded.credentials, ...(forwarded.hasCookies && { cookies: "all" as const }) }),
    accountOf: ({ auth }) => accountFields.map((field) => auth[field]).find((value) => typeof value === "string"),
    authenticate(handshake) {
      if (!isAsking(handshake, forwarded)) return undefined;
      const body = questionOf(handshake, forwarded);
      return body === undefined ? denial("credential_malformed") : identityOf(body);
    },
  });
}
