/** The address of a client: its own, or the one that the trusted proxies report. */
import { isIPv6 } from "node:net";
import type { GuardHandshake } from "./authenticator.js";

interface Request {
  /** Undefined for a client of a Unix socket, and for one that has already reset its connection. */
  readonly address: string | undefined;
  readonly headers: GuardHandshake["headers"];
}

const unknownAddress = "";

const forwardingHeaders = ["x-forwarded-for", "forwarded", "x-real-ip", "x-client-ip", "cf-connecting-ip", "true-client-ip", "fastly-client-ip", "fly-client-ip"];

export class ClientAddresses {
  /** Undefined if the host has not said whether there are proxies. */
  readonly #proxies: number | undefined;
  #hasWarned = false;

  constructor(trustProxy: number | undefined) {
    this.#proxies = trustProxy;
  }

  /**
   * Each trusted proxy appends the address that it saw to `X-Forwarded-For`, so only entries counted from the right can be
   * trusted. If there are fewer entries than proxies, the client did not come through all of them: its own address counts.
   * An address that is not known is "".
   */
  of({ address = unknownAddress, headers }: Request): string {
    const header = headers["x-forwarded-for"];
    if (this.#proxies === undefined || this.#proxies === 0 || header === undefined) return address;
    const forwarded = String(header).split(",").map((part) => part.trim());
    return withoutPort(forwarded.at(-this.#proxies) ?? "") || address;
  }

  /**
   * The network by which failed logins are counted: an IPv4 address, or the first 64 bits of an IPv6 address, because one
   * customer has all of those. Undefined if the address is that of a proxy, which all its clients share, or is not known.
   */
  networkOf(request: Request): string | undefined {
    const header = this.#unreadHeader(request);
    if (header !== undefined) {
      this.#warn(header);
      return undefined;
    }
    const address = this.of(request);
    return address === unknownAddress ? undefined : networkOf(address);
  }

  /** A header that says that a proxy forwarded the request, but that `trustProxy` does not cover. */
  #unreadHeader({ headers }: Request): string | undefined {
    const isCovered = this.#proxies === 0 || (this.#proxies !== undefined && headers["x-forwarded-for"] !== undefined);
    return isCovered ? undefined : forwardingHeaders.find((name) => headers[name] !== undefined);
  }

  #warn(header: string): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const remedy = this.#proxies === undefined
      ? "`trustProxy` is not set. Set it to the number of proxies in front of this server, or to 0 if there are none."
      : "`trustProxy` reads only X-Forwarded-For. Let the proxy send that header.";
    process.emitWarning(
      `A client sent the header ${header}, which proxies add, but ${remedy} Until then, nothing is limited by the addresses of such clients, and failed logins count by account only.`,
      { type: "GuardWarning", code: "TRUST_PROXY_UNSET" },
    );
  }
}

/** Some proxies append the port of the client, too: `192.0.2.1:5000` or `[2001:db8::1]:5000`. */
function withoutPort(entry: string): string {
  return /^\[([^\]]*)\](?::\d+)?$/.exec(entry)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(entry)?.[1] ?? entry;
}

function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  // Its regular expression is long, and only a client with an IPv6 address has to wait for it.
  if (!isIPv6(address)) return address;
  const [head = "", tail] = address.split("%", 1)[0]!.toLowerCase().split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = tail === undefined ? 0 : 8 - first.length - last.length;
  return [...first, ...Array<string>(missing).fill("0"), ...last].slice(0, 4).map((part) => part.replace(/^0+(?=.)/, "")).join(":");
}
