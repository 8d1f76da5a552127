/** Finds the token in a handshake. The query string is never read, because it ends up in logs and browser histories (RFC 6750, section 5.3). */
import { parseCookie } from "cookie";

/** The parts of a handshake that may hold a token. */
export interface TokenPlaces {
  readonly auth: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/**
 * What is in the first of `handshake.auth.token`, the `Authorization: Bearer` header and the named cookie that is not empty.
 * It counts even if it is not a string: then it is refused, so that a bad token never makes a guest. Undefined and null are no token.
 */
export function extractToken(handshake: TokenPlaces, cookie?: string): unknown {
  return fromAuth(handshake.auth) ?? bearer(handshake.headers["authorization"]) ?? fromCookie(handshake.headers["cookie"], cookie);
}

function fromAuth(auth: TokenPlaces["auth"] | null | undefined): unknown {
  return auth != null && Object.hasOwn(auth, "token") ? auth["token"] : undefined;
}

/** Two Authorization headers contradict each other. They are returned as the list that they are, which is refused. */
function bearer(header: string | readonly string[] | undefined): unknown {
  if (header === undefined) return undefined;
  if (typeof header !== "string" && header.length !== 1) return header.length === 0 ? undefined : header;
  const match = /^bearer(?:\s+(.*))?$/is.exec(typeof header === "string" ? header : header[0] ?? "");
  return match ? (match[1] ?? "").trimEnd() : undefined;
}

function fromCookie(header: string | readonly string[] | undefined, name: string | undefined): unknown {
  if (header === undefined || name === undefined) return undefined;
  // A cookie without a value was cleared.
  return parseCookie(typeof header === "string" ? header : header.join("; "))[name] || undefined;
}
