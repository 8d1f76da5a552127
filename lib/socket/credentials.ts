/** How credentials are taken out of a handshake before anybody but the authenticators looks. */
import type { Authenticator } from "../authenticate/authenticator.js";
import type { SocketInternals } from "./internals.js";

/** What all authenticators of all namespaces read: what one of them reads is kept from handlers everywhere. */
export class Credentials {
  readonly #authFields = new Set<string>();
  readonly #cookies = new Set<string>();
  readonly #headers = new Set(["authorization"]);
  #takesAllAuth = false;
  #takesAllCookies = false;

  add(chain: readonly Authenticator[]): void {
    for (const { reads: { auth = [], cookies = [], headers = [] } = {} } of chain) {
      if (auth === "all") this.#takesAllAuth = true;
      else for (const field of auth) this.#authFields.add(field);
      if (cookies === "all") this.#takesAllCookies = true;
      else for (const cookie of cookies) this.#cookies.add(cookie);
      for (const header of headers) this.#headers.add(header);
    }
  }

  /**
   * Takes them out of `handshake.auth` and of a copy of `handshake.headers`: `fetchSockets()` and cluster adapters publish
   * both. The request's own headers stay, for the connection's other namespaces.
   */
  takeOut({ handshake }: SocketInternals): void {
    const { auth } = handshake;
    for (const field of this.#takesAllAuth ? Object.keys(auth) : this.#authFields) if (Object.hasOwn(auth, field)) delete auth[field];
    // An own "__proto__", as JSON can bring it, would reach whoever copies the object.
    if (Object.hasOwn(auth, "__proto__")) delete auth["__proto__"];
    const { cookie } = handshake.headers;
    const hasCookie = typeof cookie === "string" && (this.#takesAllCookies || this.#cookies.size > 0);
    const found = [...this.#headers].filter((name) => handshake.headers[name] !== undefined);
    if (found.length === 0 && !hasCookie) return;
    const headers = { ...handshake.headers };
    for (const name of found) delete headers[name];
    if (hasCookie) headers["cookie"] = this.#otherCookies(cookie);
    handshake.headers = headers;
  }

  /** The others stay as they came: a client may send names and values that no serializer would write. */
  #otherCookies(header: string): string {
    if (this.#takesAllCookies) return "";
    return header.split(";").filter((pair) => !this.#cookies.has(pair.split("=", 1)[0]!.trim())).join(";").trim();
  }
}
