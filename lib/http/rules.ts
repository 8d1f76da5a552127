/** The options of `httpAuth()` -> what it works by, read once. */
import { refuseUndefined, refuseUnknownOptions, waitingTime, type Duration } from "../configuration.js";
import { isLoopback } from "../loopback.js";
import { GuardError } from "../guard-error.js";
import { readSchema, type ClaimsSchema } from "../token/rules.js";
import { signer } from "../webhooks/signature.js";
import type { EndpointOptions } from "./endpoint.js";
import { readHeaders, type Forwarded } from "./forwarded.js";
import type { Failed } from "./questions.js";

export interface HttpAuthOptions<Schema extends ClaimsSchema | undefined = undefined> {
  /** Where `{ connectionData, authData }` is POSTed to: https, or http on this machine. */
  readonly endpointUrl: string | URL | undefined;
  /** Allows http to other machines: for a private network, where nobody can read the cookies and passwords on their way. @default false */
  readonly allowHttp?: boolean;
  /** The statuses that admit, from 200 to 299. @default [200] */
  readonly permittedStatusCodes?: readonly number[];
  /** How long the whole answer may take. @default "2s" */
  readonly requestTimeout?: Duration;
  /** How old an answer may be: then the endpoint is asked again, in the background. @default "30s" */
  readonly ttl?: Duration;
  /** The headers of the handshake that the endpoint sees; those of one hop are refused. @default ["cookie", "authorization", "origin", "user-agent", "accept-language"] */
  readonly headers?: readonly string[];
  /** Signs each request (Standard Webhooks): `whsec_` and 24 to 64 bytes in base64, or several while one replaces another. @default requests are not signed */
  readonly secret?: string | readonly string[];
  /** A schema for the answer's claims and `sub`: what it answers, and `sub`, are the claims that rules see. @default all claims */
  readonly claims?: Schema;
  /** Hears each question that failed while nobody waited for it. @default a process warning for the first of several in a row */
  readonly failed?: Failed;
}

export interface HttpRules {
  readonly endpoint: EndpointOptions;
  readonly forwarded: Forwarded;
  readonly ttl: number;
  readonly failed: Failed | undefined;
}

const optionNames = [
  "endpointUrl", "allowHttp", "permittedStatusCodes", "requestTimeout", "ttl", "headers", "secret", "claims", "failed",
] as const satisfies readonly (keyof HttpAuthOptions)[];

export function readRules(options: HttpAuthOptions<ClaimsSchema | undefined>): HttpRules {
  if (typeof options !== "object" || options === null) {
    throw new GuardError("options_invalid", "httpAuth() takes an object of options: write httpAuth({ endpointUrl: \"https://login.example/check\" }).");
  }
  refuseUnknownOptions(options, optionNames, "httpAuth()");
  refuseUndefined(options, ["endpointUrl", "headers", "secret", "claims"], "httpAuth()");
  const { secret, failed } = options;
  if (failed !== undefined && typeof failed !== "function") throw new GuardError("options_invalid", "failed is not a function: give one that takes an error, or leave it out.");
  return Object.freeze({
    endpoint: Object.freeze({
      url: readUrl(options.endpointUrl, options.allowHttp),
      permitted: readStatuses(options.permittedStatusCodes),
      timeout: waitingTime(options.requestTimeout ?? "2s", "requestTimeout"),
      sign: secret === undefined ? undefined : signer(secret),
      schema: readSchema(options.claims),
    }),
    forwarded: readHeaders(options.headers),
    ttl: waitingTime(options.ttl ?? "30s", "ttl"),
    failed,
  });
}

function readUrl(given: unknown, allowHttp: unknown): URL {
  const url = URL.canParse(String(given)) ? new URL(String(given)) : undefined;
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && (allowHttp === true || isLoopback(url.hostname)));
  // fetch takes no name and password in an address.
  if (url !== undefined && isSafe && url.username === "" && url.password === "") return url;
  throw new GuardError("endpoint_url_invalid", "endpointUrl is not an https address without a name and password in it: cookies and passwords travel there. Plain http is for localhost, or with allowHttp: true for a private network.");
}

function readStatuses(given: unknown = [200]): ReadonlySet<number> {
  if (Array.isArray(given) && given.length > 0 && given.every((status) => Number.isInteger(status) && status >= 200 && status <= 299)) return new Set(given as number[]);
  throw new GuardError("status_codes_invalid", "permittedStatusCodes is not a list of statuses from 200 to 299: other statuses say that something went wrong, and admit nobody.");
}
