/** Whether a request may come from where it comes from: a cookie travels with requests of foreign pages too. */

/** Exact origins such as `"https://chat.example"`, or `"same-origin"`: the Origin's host is the Host that was asked. */
export type Origins = "same-origin" | readonly string[];

interface RequestHeaders {
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
  readonly "sec-fetch-site"?: string | string[] | undefined;
}

/** Browsers send no Origin on same-origin polling: without one, only `Sec-Fetch-Site: cross-site` tells a foreign page. */
export function isOriginAllowed(headers: RequestHeaders, origins: Origins): boolean {
  const { origin } = headers;
  if (origin === undefined) return headers["sec-fetch-site"] !== "cross-site";
  if (origins !== "same-origin") return origins.includes(origin);
  return headers.host !== undefined && isSameHost(origin, headers.host);
}

function isSameHost(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host: originHost } = new URL(origin);
  // The same parser on both sides: it drops the scheme's default port and lowers the case.
  const asked = `${protocol}//${host}`;
  return URL.canParse(asked) && new URL(asked).host === originHost;
}
