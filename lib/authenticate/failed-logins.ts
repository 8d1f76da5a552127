/** Failed logins by address: after ten in a minute, its next handshakes wait. Sessions that are open are not touched. */
import { isIPv6 } from "node:net";
import { denial, type Denial } from "../protocol.js";

const window = 60_000;
const mostFailures = 10;
const firstWait = 1_000;
const longestWait = 60_000;
const mostAddresses = 10_000;

interface Failures {
  /** The first of those that count. */
  since: number;
  count: number;
  /** How long the last block was. */
  wait: number;
  blockedUntil: number;
}

export class FailedLogins {
  /** What failed last is last. */
  readonly #failures = new Map<string, Failures>();

  get size(): number {
    return this.#failures.size;
  }

  /** Why nobody of this address is asked for credentials now; undefined if they are. */
  refusal(address: string, now: number): Denial | undefined {
    if (this.#failures.size === 0) return undefined;
    const failures = this.#failures.get(networkOf(address));
    if (failures === undefined || now >= failures.blockedUntil) return undefined;
    return denial("rate_limited", {
      message: "Too many failed logins came from your address. Wait before you connect again.",
      reconnect: "later",
      retryAfter: Math.ceil(failures.blockedUntil - now),
    });
  }

  /** Counts a refusal if a credential was shown that is none: not one that has expired, or that nobody could look at now. */
  refused(address: string, { code, status, reconnect }: Denial, now: number): void {
    if (status === 401 && reconnect === "never" && code !== "subject_changed") this.failed(address, now);
  }

  /** Each failure after the tenth in a minute blocks for twice as long as the one before it. */
  failed(address: string, now: number): void {
    const network = networkOf(address);
    const known = this.#failures.get(network);
    this.#failures.delete(network);
    const failures = known === undefined || now - Math.max(known.since, known.blockedUntil) >= window ? { since: now, count: 0, wait: 0, blockedUntil: 0 } : known;
    failures.count += 1;
    if (failures.count >= mostFailures) {
      failures.wait = Math.min(failures.wait === 0 ? firstWait : failures.wait * 2, longestWait);
      failures.blockedUntil = now + failures.wait;
    }
    this.#failures.set(network, failures);
    if (this.#failures.size > mostAddresses) this.#forgetOne(now);
  }

  succeeded(address: string): void {
    if (this.#failures.size > 0) this.#failures.delete(networkOf(address));
  }

  /** Whoever has many addresses must not make room by them: a block that still holds goes last. */
  #forgetOne(now: number): void {
    let [oldest] = this.#failures.keys();
    let looked = 0;
    for (const [network, { blockedUntil }] of this.#failures) {
      if (blockedUntil <= now) {
        oldest = network;
        break;
      }
      if ((looked += 1) >= 100) break;
    }
    this.#failures.delete(oldest!);
  }
}

/** Of an IPv6 address its first 64 bits: who has one has all that begin so. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = "", tail] = address.split("%", 1)[0]!.toLowerCase().split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = tail === undefined ? 0 : 8 - first.length - last.length;
  return [...first, ...Array<string>(missing).fill("0"), ...last].slice(0, 4).map((part) => part.replace(/^0+(?=.)/, "")).join(":");
}
