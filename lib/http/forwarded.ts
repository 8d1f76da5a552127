/** What of a handshake the endpoint is asked about: all of its `auth`, and the headers that were chosen. */
import type { Handshake } from "../authenticate/authenticator.js";
import { GuardError } from "../guard-error.js";

const defaultHeaders = ["cookie", "authorization", "origin", "user-agent", "accept-language"] as const;

// They belong to one connection, not to who connects (RFC 9110, section 7.6.1).
const hopByHop = new Set(["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "host", "content-length", "expect", "http2-settings"]);
const ofOneHop = /^(?:proxy-|sec-websocket-|:)/;

// They say how somebody connects, and prove nothing of who it is: every other header may.
const describing = /^(?:accept|accept-.+|cache-control|cf-ipcountry|dnt|forwarded|origin|pragma|priority|referer|sec-ch-.+|sec-fetch-.+|sec-gpc|user-agent|via|x-forwarded-(?:for|host|port|prefix|proto|server)|x-real-ip|x-request-id|traceparent|tracestate)$/;

// As long as a token may be, some times over: it is kept for as long as its sessions live.
const longestQuestion = 65_536;

/** A list of headers, as read. */
export interface Forwarded {
  readonly names: readonly string[];
  /** Those that may hold a credential, but cookies. */
  readonly credentials: readonly string[];
  readonly hasCookies: boolean;
}

/** @throws GuardError `headers_invalid` */
export function readHeaders(given: unknown): Forwarded {
  const list: unknown = given ?? defaultHeaders;
  if (!Array.isArray(list) || !list.every((name) => typeof name === "string" && /^[\w!#$%&'*+.^`|~-]{1,256}$/.test(name))) {
    throw new GuardError("headers_invalid", "headers is not a list of names of headers: give the headers to forward, such as [\"cookie\"], or [] for none.");
  }
  const names = [...new Set((list as string[]).map((name) => name.toLowerCase()))];
  const hop = names.find((name) => hopByHop.has(name) || ofOneHop.test(name));
  if (hop !== undefined) throw new GuardError("headers_invalid", `The header ${hop} belongs to one connection and is never forwarded: leave it out of headers.`);
  const credentials = names.filter((name) => name !== "cookie" && !describing.test(name));
  return Object.freeze({ names, credentials, hasCookies: names.includes("cookie") });
}

/** Whether there is anything to judge: else the handshake is somebody else's, or a guest's. */
export function isAsking({ auth, headers }: Handshake, { credentials, hasCookies }: Forwarded): boolean {
  return Object.keys(auth).length > 0 || (hasCookies && isThere(headers["cookie"])) || credentials.some((name) => isThere(headers[name]));
}

/**
 * The body that is sent. An answer belongs to everything that was asked, so it is also what tells questions apart.
 * Undefined if it is longer than 64 KiB, or nested too deep to be written.
 */
export function questionOf({ auth, headers, address, namespace }: Handshake, { names }: Forwarded): string | undefined {
  const forwarded = Object.fromEntries(names.filter((name) => headers[name] !== undefined).map((name) => [name, headers[name]]));
  try {
    const body = JSON.stringify({ connectionData: { remoteAddress: address, namespace, headers: forwarded }, authData: auth });
    return body.length <= longestQuestion ? body : undefined;
  } catch {
    return undefined;
  }
}

function isThere(header: string | string[] | undefined): boolean {
  return header !== undefined && header.length > 0;
}
