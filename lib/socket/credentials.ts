/** How credentials are taken out of a handshake before anybody but the authenticators looks. */
import type { Authenticator } from "../authenticate/authenticator.js";
import type { SocketInternals } from "./internals.js";

/** What all authenticators of all namespaces read: what one of them reads is kept from handlers everywhere. */
export class Credentials {
  readonly #secrets = new Set<string>();
  readonly #cookies = new Set<string>();
  readonly #headers = new Set(["authorization"]);
  #takesAllSecrets = false;
  #takesAllCookies = false;

  add(chain: readonly Authenticator[]): void {
    for (const { secrets = [], cookie, headers = [] } of chain) {
      if (secrets === true) this.#takesAllSecrets = true;
      else for (const secret of secrets) this.#secrets.add(secret);
      if (cookie === true) this.#takesAllCookies = true;
      else if (cookie !== undefined) this.#cookies.add(cookie);
      for (const header of headers) this.#headers.add(header);
    }
  }

  /**
   * Takes them out of `handshake.auth` and of a copy of `handshake.headers`: `fetchSockets()` and cluster adapters publish
   * both. The request's own headers stay, for the connection's other namespaces.
   */
  takeOut({ handshake }: SocketInternals): void {
    const { auth } = handshake;
    for (const secret of this.#takesAllSecrets ? Object.keys(auth) : this.#secrets) if (Object.hasOwn(auth, secret)) delete auth[secret];
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
