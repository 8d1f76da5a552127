/**
 * In development, refuses requests for other host names than those of this machine. The password is public then, and a page of
 * another site could point its own name at this machine (DNS rebinding), and would then be of the same origin as the chat.
 */
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

/** For Express, and for the engine of Socket.IO. @param host the setting HOST */
export function localHost(host: string | undefined) {
  return (request: IncomingMessage, _response: unknown, next: (error?: unknown) => void): void => {
    const name = hostName(request.headers.host);
    if (name === host || name === "localhost" || name.endsWith(".localhost") || isIP(name) !== 0) next();
    else next(Object.assign(new Error("In development, the chat is only at localhost and at addresses of this machine."), { status: 403 }));
  };
}

/** Without the port. The brackets of an IPv6 address are left out. Empty if it is not an address. */
function hostName(host: string | undefined): string {
  const address = `http://${host ?? ""}`;
  return URL.canParse(address) ? new URL(address).hostname.replace(/^\[|\]$/g, "") : "";
}
