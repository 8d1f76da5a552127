/** The option `limits`: how much clients may send, and how many may be connected. Every limit that protects the server has a default. */
import { group, optional, wholeNumber, type Reader } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { readLogin, type LoginLimits } from "./login/options.js";
import { readLimitStore, type LimitStore } from "./limit-store.js";
import { readRate, type ParsedRate, type Rate } from "./rate.js";

/** Limits on what clients send, and on their number. A rate such as `"20/10s"` is counted in a sliding window. `false` turns a limit off. */
export interface LimitOptions {
  /** How many events all clients together may send. @default false */
  readonly server?: Rate | false;
  /** How many events one user may send, on all of the user's connections. Guests are not users. @default false */
  readonly user?: Rate | false;
  /** How many events one IPv4 address, or one IPv6 network of 64 bits, may send. @default false */
  readonly address?: Rate | false;
  /** How many events members may publish in one room. @default false */
  readonly room?: Rate | false;
  /** How many events one connection may send, in all of its namespaces. @default "10000/10s" */
  readonly connection?: Rate | false;
  /** Failed logins, after which others have to wait. `false` turns this off. */
  readonly login?: false | LoginLimits;
  /** How many connections may be open. One more is refused as `connection_limit`. */
  readonly connections?: ConnectionLimits;
  /** How many handshakes may be under way at the same time. One more is refused as `connection_limit`. @default 10_000 */
  readonly pendingHandshakes?: number;
  /** How many bytes a message of a client may have. A longer one is denied as `payload_too_large`. @default `maxHttpBufferSize` of the server */
  readonly messageSize?: number;
  /** After how many denied events a client is disconnected. @default "20/10s" */
  readonly disconnectAfter?: Rate | false;
  /** Where all nodes count together: `redisLimits(client)` or `sqlLimits(database)`. @default each node counts alone */
  readonly store?: LimitStore;
}

/** How many connections may be open. */
export interface ConnectionLimits {
  /** From one IPv4 address, or one IPv6 network of 64 bits. @default 10_000 */
  readonly address?: number;
  /** In all. @default 100_000 */
  readonly server?: number;
}

const mostConnections = 10_000_000;

export const readLimits = group({
  server: rateOr(false),
  user: rateOr(false),
  address: rateOr(false),
  room: rateOr(false),
  connection: rateOr("10000/10s"),
  login: readLogin,
  connections: group({ address: wholeNumber(1, mostConnections, 10_000), server: wholeNumber(1, mostConnections, 100_000) }),
  pendingHandshakes: wholeNumber(1, mostConnections, 10_000),
  messageSize: optional(wholeNumber(100, 1_000_000_000)),
  disconnectAfter: rateOr("20/10s", 1_000),
  store: optional(readLimitStore),
});

/** What `limits` was read into. */
export type Limits = ReturnType<typeof readLimits>;

/** A rate; undefined if the limit is off. */
function rateOr(fallback: Rate | false, most = Infinity): Reader<ParsedRate | undefined> {
  return (given = fallback, name) => {
    if (given === false) return undefined;
    const rate = readRate(given, name);
    if (rate.count <= most) return rate;
    throw new GuardError("option_invalid", `\`${name}\` must not be more than ${most.toLocaleString("en")} in its window.`);
  };
}
