/** The cookie of express-session: `s:` with the id of the session and its signature, as the package `cookie-signature` writes it. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { parseCookie } from "cookie";

export function cookieIn(header: string | readonly string[] | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  // A cookie without a value was cleared.
  return parseCookie(typeof header === "string" ? header : header.join("; "))[name] || undefined;
}

/** The id of the session; undefined if no secret has signed it. */
export function unsign(cookie: string, secrets: readonly string[]): string | undefined {
  const end = cookie.lastIndexOf(".");
  if (!cookie.startsWith("s:") || end < 3) return undefined;
  const id = cookie.slice(2, end);
  const signature = cookie.slice(end + 1);
  return secrets.some((secret) => isSame(signature, signatureOf(id, secret))) ? id : undefined;
}

function signatureOf(id: string, secret: string): string {
  return createHmac("sha256", secret).update(id).digest("base64").replace(/=+$/, "");
}

function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}
