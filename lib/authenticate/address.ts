/** Who connects, by address: behind proxies the outermost that they have seen. */
import type { Handshake } from "./authenticator.js";

/**
 * The address that the last of `proxies` trusted proxies was connected from. Each appends to `X-Forwarded-For`, so that only
 * entries counted from the right are true; where there are fewer, somebody came past the proxies and is who it is.
 */
export function addressOf({ address, headers }: Pick<Handshake, "address" | "headers">, proxies: number): string {
  const header = headers["x-forwarded-for"];
  if (proxies === 0 || header === undefined) return address;
  const forwarded = String(header).split(",").map((part) => part.trim());
  return forwarded.at(-proxies) || address;
}
