/** Removes credentials from a handshake, so that only the authenticators ever see them. */
import type { Authenticator } from "../authenticate/authenticator.js";
import type { SocketInternals } from "./internals.js";

/** Knows what the authenticators of all namespaces read. What one of them reads is removed in every namespace. */
export class Redactor {
  // JSON can bring an own "__proto__", which would become the prototype of a copy.
  readonly #authFields = new Set(["__proto__"]);
  readonly #cookies = new Set<string>();
  readonly #headers = new Set(["authorization"]);
  #allAuthFields = false;
  #allCookies = false;

  add(chain: readonly Authenticator[]): void {
    for (const { reads: { auth = [], cookies = [], headers = [] } = {} } of chain) {
      if (auth === "all") this.#allAuthFields = true;
      else for (const field of auth) this.#authFields.add(field);
      if (cookies === "all") this.#allCookies = true;
      else for (const cookie of cookies) this.#cookies.add(cookie);
      for (const header of headers) this.#headers.add(header);
    }
  }

  /**
   * Removes credentials from `handshake.auth`, and replaces `handshake.headers` by a copy without them: `fetchSockets()` and
   * cluster adapters publish both. The headers of the request itself stay, for other namespaces of the connection.
   */
  stripCredentials({ handshake }: SocketInternals): void {
    this.#stripAuth(handshake.auth);
    const { cookie } = handshake.headers;
    const hasCookie = typeof cookie === "string" && (this.#allCookies || this.#cookies.size > 0);
    if (!hasCookie && !this.#hasCredential(handshake.headers)) return;
    const headers = { ...handshake.headers };
    for (const name of this.#headers) delete headers[name];
    if (hasCookie) headers["cookie"] = this.#stripCookies(cookie);
    handshake.headers = headers;
  }

  #hasCredential(headers: SocketInternals["handshake"]["headers"]): boolean {
    for (const name of this.#headers) if (headers[name] !== undefined) return true;
    return false;
  }

  #stripAuth(auth: Record<string, unknown>): void {
    const fields = this.#allAuthFields ? Object.keys(auth) : this.#authFields;
    for (const field of fields) if (Object.hasOwn(auth, field)) delete auth[field];
  }

  /** Other cookies stay as they came: clients may send names and values that no serializer would write. */
  #stripCookies(header: string): string {
    if (this.#allCookies) return "";
    return header.split(";").filter((pair) => !this.#cookies.has(pair.split("=", 1)[0]!.trim())).join(";").trim();
  }
}
