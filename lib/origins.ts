/** The origins of the pages whose requests are accepted. */
import { GuardError } from "./guard-error.js";

/** Exact origins such as `"https://chat.example"`, or `"same-origin"`: the host of the Origin must equal the Host header. */
export type Origins = "same-origin" | readonly string[];

/** @throws GuardError `option_invalid` */
export function readOrigins(origins: unknown): Origins {
  if (origins === "same-origin") return origins;
  const list = (Array.isArray(origins) ? [...(origins as unknown[])] : [undefined]) as string[];
  for (const origin of list) {
    if (typeof origin !== "string" || !URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new GuardError("option_invalid", '`origins` must be "same-origin" or a list of origins such as "https://chat.example": scheme, host and port, with nothing after them.');
    }
  }
  return Object.freeze(list);
}

interface RequestHeaders {
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
  readonly "sec-fetch-site"?: string | string[] | undefined;
}

/** Browsers send no Origin with a same-origin GET. Without one, `Sec-Fetch-Site: cross-site` is the only sign of a foreign page. */
export function isOriginAllowed(headers: RequestHeaders, origins: Origins): boolean {
  const { origin } = headers;
  if (origin === undefined) return headers["sec-fetch-site"] !== "cross-site";
  if (origins !== "same-origin") return origins.includes(origin);
  return headers.host !== undefined && isSameHost(origin, headers.host);
}

function isSameHost(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host: originHost } = new URL(origin);
  // Both sides go through the same parser, which drops default ports and lowers the case.
  const requested = `${protocol}//${host}`;
  return URL.canParse(requested) && new URL(requested).host === originHost;
}
