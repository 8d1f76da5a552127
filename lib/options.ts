/** The options of guard(), read into a frozen config. The table says what each option may be and what its default is. */
import { readAudit } from "./audit/options.js";
import { anonymous } from "./authenticate/chain.js";
import type { Authenticator } from "./authenticate/authenticator.js";
import { callback, duration, group, oneOf, optional, readOptionsBy, wholeNumber, withDefault, type ReadBy, type Reader } from "./configuration.js";
import { GuardError } from "./guard-error.js";
import type { GuardOptions } from "./guard-types.js";
import { readLimits } from "./limits/options.js";
import { readMode } from "./mode.js";
import { readOrigins, type Origins } from "./origins.js";
import type { FindUser } from "./session/user-cache.js";
import type { Signer } from "./signer/signer.js";
import type { GuardStore } from "./store.js";

const table = {
  authenticate: readChain,
  events: readEvents,
  rooms: withDefault({}, readRooms),
  undeclared: (given) => given,
  mode: readMode,
  onDenied: oneOf("reject", "disconnect"),
  origins: optional(readOrigins),
  findUser: optional(callback<FindUser<never, unknown>>("(claims, signal) that returns the user, or null if the user does not exist")),
  findUserCacheFor: duration("30s"),
  login: group({ timeout: duration("10s"), attempts: wholeNumber(1, 100, 3) }),
  limits: readLimits,
  audit: readAudit,
  maxSessionsPerUser: withDefault({ perNode: Infinity, onLimit: "reject-new" } as const, group({ perNode: wholeNumber(1, 1_000_000), onLimit: oneOf("reject-new", "end-oldest") })),
  trustProxy: optional(wholeNumber(0, 100)),
  signer: optional(readSigner),
  signinLifetime: duration("1h"),
  store: readStore,
  maxStaleness: duration("5s"),
  onStale: oneOf("deny", "allow", "silence"),
  authenticateTimeout: duration("5s"),
  checkTimeout: duration("2s"),
  queue: wholeNumber(1, 65_536, 64),
} satisfies Record<keyof GuardOptions<never, never>, Reader<unknown>>;

export type Config = ReadBy<typeof table>;

/** @throws GuardError `option_missing`, `option_invalid`, `option_unknown`, `option_undefined` */
export function readOptions(options: unknown): Config {
  if (typeof options !== "object" || options === null) {
    throw new GuardError("option_missing", "guard(io, options) needs options: give it at least `authenticate` and `events`.");
  }
  const config = readOptionsBy(table, options, { where: "guard()", notUndefined: ["origins", "findUser", "store", "signer", "rooms", "audit"] });
  requireOrigins(config.origins, config.authenticate);
  return config;
}

/** @throws GuardError `option_missing`, `option_invalid` */
export function readChain(authenticate: unknown): readonly Authenticator[] {
  const chain = (Array.isArray(authenticate) ? [...(authenticate as unknown[])] : [authenticate]) as Partial<Authenticator>[];
  if (authenticate === undefined || chain.length === 0) {
    throw new GuardError("option_missing", "`authenticate` is missing: give it jwt({ keys }), or anonymous() to admit everybody as a guest.");
  }
  if (!chain.every((one) => typeof one?.authenticate === "function" && typeof one.name === "string")) {
    throw new GuardError("option_invalid", "`authenticate` must be an authenticator or a list of them: give it what jwt(...) or anonymous() returns, or { name, authenticate(handshake) }.");
  }
  if (chain.slice(0, -1).includes(anonymous())) {
    throw new GuardError("option_invalid", "anonymous() must come last in `authenticate`: it admits everybody, so an authenticator after it is never asked.");
  }
  return Object.freeze(chain as Authenticator[]);
}

/** @throws GuardError `option_missing`, `option_invalid` */
export function readEvents(events: unknown): Readonly<Record<string, unknown>> {
  if (typeof events === "object" && events !== null && !Array.isArray(events)) return events as Record<string, unknown>;
  if (events === undefined) throw new GuardError("option_missing", "`events` is missing: give it an object with one rule for each event that clients may send.");
  throw new GuardError("option_invalid", "`events` must be an object with one rule for each event that clients may send.");
}

/** @throws GuardError `option_invalid` */
export function readRooms(rooms: unknown): Readonly<Record<string, unknown>> {
  if (typeof rooms === "object" && rooms !== null && !Array.isArray(rooms)) return rooms as Record<string, unknown>;
  throw new GuardError("option_invalid", "`rooms` must be an object with one rule for each pattern of room names.");
}

/**
 * Browsers send cookies with requests from other sites too, so `origins` is required if an authenticator reads cookies.
 * @throws GuardError `option_missing`
 */
export function requireOrigins(origins: Origins | undefined, chain: readonly Authenticator[]): void {
  const reader = chain.find((one) => (one.reads?.cookies ?? []).length > 0);
  if (origins !== undefined || reader === undefined) return;
  throw new GuardError("option_missing", `\`origins\` is missing: the authenticator ${reader.name} reads cookies, which browsers also send with requests from other sites. Set \`origins\` to a list of origins or to "same-origin".`);
}

function readSigner(given: unknown): Signer {
  if (typeof given === "object" && given !== null && typeof (given as Partial<Signer>).verifyUser === "function") return given as Signer;
  throw new GuardError("option_invalid", "`signer` must be what signer({ key, secret }) returns.");
}

// Without a store, revocations are kept in memory. API keys are not: without a store object, the host could not create any.
function readStore(store: unknown = Object.freeze({})): GuardStore {
  const { revocations } = (typeof store === "object" && store !== null ? store : { revocations: null }) as { revocations?: unknown };
  if (revocations === undefined || isRevocationStore(revocations)) return store as GuardStore;
  throw new GuardError("option_invalid", "`store` must be memoryStore(), sqlStore(database), redisStore(client), or an object with `revocations` or `apiKeys`.");
}

function isRevocationStore(given: unknown): boolean {
  const { append, since } = (given ?? {}) as { append?: unknown; since?: unknown };
  return typeof append === "function" && typeof since === "function";
}
