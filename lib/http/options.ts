/** The options of `httpAuth()`. */
import { duration, errorListener, oneOf, optional, readOptionsBy, type Duration, type ReadBy, type Reader } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { safeUrl } from "../http-client.js";
import { type ClaimsSchema, readSchema } from "../token/options.js";
import { readHeaders } from "./request.js";
import { webhookSigner } from "../webhook-signature.js";

/** The options of httpAuth(). */
export interface HttpAuthOptions<Schema extends ClaimsSchema | undefined = undefined> {
  /** The address that `{ connectionData, authData }` is POSTed to: https, or http on this machine. */
  readonly endpointUrl: string | URL | undefined;
  /** Allows http to other machines. Use it only in a private network, because cookies and passwords are sent. @default false */
  readonly allowHttp?: boolean;
  /** How long the endpoint may take for its whole answer. @default "2s" */
  readonly timeout?: Duration;
  /** How long an answer is kept before the endpoint is asked again in the background. @default "30s" */
  readonly cacheFor?: Duration;
  /** The headers of the handshake that are sent to the endpoint. @default ["cookie", "authorization", "origin", "user-agent", "accept-language"] */
  readonly headers?: readonly string[];
  /** Signs each request by Standard Webhooks: `whsec_` and 24 to 64 bytes in base64, or several while one replaces another. @default requests are not signed */
  readonly secret?: string | readonly (string | undefined)[] | undefined;
  /** A schema for the answer's claims and `sub`. Rules see its output. @default all claims */
  readonly claims?: Schema;
  /** Called with each request that failed in the background. @default one process warning when requests begin to fail, and one when they succeed again */
  readonly onError?: (error: GuardError) => void;
}

const table = {
  endpointUrl: (given) => given,
  allowHttp: oneOf(false, true),
  timeout: duration("2s"),
  cacheFor: duration("30s"),
  headers: readHeaders,
  secret: optional(webhookSigner),
  claims: optional(readSchema),
  onError: optional(errorListener<GuardError>()),
} satisfies Record<keyof HttpAuthOptions, Reader<unknown>>;

export type HttpAuthConfig = Omit<ReadBy<typeof table>, "endpointUrl"> & { readonly endpointUrl: URL };

/** @throws GuardError `option_invalid`, `option_unknown`, `option_undefined`, and those of a wrong schema */
export function readHttpAuthOptions(options: unknown): HttpAuthConfig {
  const config = readOptionsBy(table, options, { where: "httpAuth()", notUndefined: ["endpointUrl", "headers", "secret", "claims"] });
  return Object.freeze({ ...config, endpointUrl: readUrl(config.endpointUrl, config.allowHttp) });
}

function readUrl(given: unknown, allowHttp: boolean): URL {
  const url = safeUrl(given, allowHttp);
  if (url !== undefined) return url;
  throw new GuardError("option_invalid", "`endpointUrl` must be an https URL without a name and password, because cookies and passwords are sent to it. http is accepted for localhost, and with `allowHttp: true` in a private network.");
}
