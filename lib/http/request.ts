/** What the endpoint is sent about a handshake: all of its `auth`, and the chosen headers. */
import type { GuardHandshake } from "../authenticate/authenticator.js";
import { GuardError } from "../guard-error.js";

const defaultHeaders = ["cookie", "authorization", "origin", "user-agent", "accept-language"] as const;

// Headers of one connection, which say nothing about the user (RFC 9110, section 7.6.1).
const hopByHop = new Set(["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "host", "content-length", "expect", "http2-settings"]);
const hopByHopPrefix = /^(?:proxy-|sec-websocket-|:)/;

// Headers that describe a client and prove nothing. Any other header may be a credential.
const descriptive = /^(?:accept|accept-.+|cache-control|cf-ipcountry|dnt|forwarded|origin|pragma|priority|referer|sec-ch-.+|sec-fetch-.+|sec-gpc|user-agent|via|x-forwarded-(?:for|host|port|prefix|proto|server)|x-real-ip|x-request-id|traceparent|tracestate)$/;

// Several times the longest token. A body is kept in memory as long as its sessions live.
const maxLength = 65_536;

/** The headers that are sent to the endpoint. */
export interface ForwardedHeaders {
  readonly names: readonly string[];
  /** Those that may hold a credential, apart from cookies. */
  readonly credentials: readonly string[];
  readonly hasCookies: boolean;
}

/** @throws GuardError `option_invalid` */
export function readHeaders(given: unknown): ForwardedHeaders {
  const list: unknown = given ?? defaultHeaders;
  if (!Array.isArray(list) || !list.every((name) => typeof name === "string" && /^[\w!#$%&'*+.^`|~-]{1,256}$/.test(name))) {
    throw new GuardError("option_invalid", "`headers` must be a list of header names, such as [\"cookie\"], or [] for none.");
  }
  const names = [...new Set((list as string[]).map((name) => name.toLowerCase()))];
  const hop = names.find((name) => hopByHop.has(name) || hopByHopPrefix.test(name));
  if (hop !== undefined) throw new GuardError("option_invalid", `The header ${hop} belongs to a single connection and cannot be forwarded. Remove it from \`headers\`.`);
  const credentials = names.filter((name) => name !== "cookie" && !descriptive.test(name));
  return Object.freeze({ names, credentials, hasCookies: names.includes("cookie") });
}

/** Whether a handshake has anything for the endpoint to check. If not, it is left to the next authenticator. */
export function hasCredentials({ auth, headers }: GuardHandshake, { credentials, hasCookies }: ForwardedHeaders): boolean {
  return Object.keys(auth).length > 0 || (hasCookies && isPresent(headers["cookie"])) || credentials.some((name) => isPresent(headers[name]));
}

/** The body of the request. Handshakes with the same body share one answer. Undefined if it is longer than 64 KiB, or nested too deep to be written. */
export function requestBody({ auth, headers, address, namespace }: GuardHandshake, { names }: ForwardedHeaders): string | undefined {
  const forwarded = Object.fromEntries(names.filter((name) => headers[name] !== undefined).map((name) => [name, headers[name]]));
  try {
    const body = JSON.stringify({ connectionData: { remoteAddress: address, namespace, headers: forwarded }, authData: auth });
    return body.length <= maxLength ? body : undefined;
  } catch {
    return undefined;
  }
}

function isPresent(header: string | string[] | undefined): boolean {
  return header !== undefined && header.length > 0;
}
