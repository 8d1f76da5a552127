/** How credentials are taken out of a handshake before anybody but the authenticators looks. */
import type { Authenticator } from "../authenticate/authenticator.js";
import type { SocketInternals } from "./internals.js";

/**
 * Takes the credentials out of `handshake.auth` and of a copy of `handshake.headers`: `fetchSockets()` and cluster
 * adapters publish both. The request's own headers stay, for the connection's other namespaces.
 */
export function takeCredentialsOut(socket: SocketInternals, authenticators: Iterable<Authenticator>): void {
  const chain = [...authenticators];
  const { handshake } = socket;
  for (const { secrets = [] } of chain) for (const name of secrets) delete handshake.auth[name];
  // An own "__proto__", as JSON can bring it, would reach whoever copies the object.
  if (Object.hasOwn(handshake.auth, "__proto__")) delete handshake.auth["__proto__"];
  const cookies = chain.flatMap(({ cookie }) => (cookie === undefined ? [] : [cookie]));
  const { authorization, ...headers } = handshake.headers;
  const cookieHeader = headers["cookie"];
  if (authorization === undefined && (cookies.length === 0 || cookieHeader === undefined)) return;
  if (typeof cookieHeader === "string" && cookies.length > 0) headers["cookie"] = withoutCookies(cookieHeader, cookies);
  handshake.headers = headers;
}

// The others stay as they came: a client may send names and values that no serializer would write.
function withoutCookies(header: string, names: readonly string[]): string {
  return header.split(";").filter((pair) => !names.includes(pair.split("=", 1)[0]!.trim())).join(";").trim();
}
