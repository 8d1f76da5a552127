/** Options -> a frozen config. Every misconfiguration has a name and a sentence, and stops the start. */
import { isAnonymous } from "./authenticate/anonymous.js";
import type { Authenticator } from "./authenticate/authenticator.js";
import type { Origins } from "./authenticate/origin.js";
import { milliseconds, refuseUndefined, refuseUnknownOptions, type Duration } from "./configuration.js";
import { checkOnDenied } from "./policy/compile.js";
import type { EventRules, OnDenied, Rule } from "./policy/rules.js";
import { GuardError } from "./protocol.js";
import { memoryStore, type Store } from "./store.js";
import type { FindUser } from "./session/account.js";

/** Who may come in: one authenticator, or a list of which the first that answers decides. */
export type Authenticate<Claims> = Authenticator<Claims> | readonly Authenticator<Claims>[];

export interface GuardOptions<ClientToServer, Claims, User> {
  readonly authenticate: Authenticate<Claims>;
  /** What each event requires. */
  readonly events: EventRules<ClientToServer, NoInfer<User>>;
  /** What an event requires that the map does not name. @default it is denied, as `event_unlisted` */
  readonly undeclared?: Rule<NoInfer<User>>;
  /** What a denied event does, where its rule does not say. @default "reject" */
  readonly onDenied?: OnDenied;
  /** Which pages may connect; required when an authenticator reads a cookie. @default every origin */
  readonly origins?: Origins;
  /** Whether a user exists, and what rules see of it. @default rules see the claims */
  readonly findUser?: FindUser<NoInfer<Claims>, User> | undefined;
  /** How old the answer of `findUser` may be. @default "30s" */
  readonly recheckUser?: Duration;
  /** How long an asynchronous check or schema may take. @default "2s" */
  readonly checkTimeout?: Duration;
  /** How long an authenticator or `findUser` may take. @default "5s" */
  readonly authenticateTimeout?: Duration;
  /** Where revocations are kept for all nodes and for the time after a restart. @default `memoryStore()`: this node's memory */
  readonly store?: Store;
  /** For how long a node may rely on what it last read from the store. @default "5s" */
  readonly staleAfter?: Duration;
  /** Whether protected events are denied as `unavailable` while the store cannot be reached for longer. @default "deny" */
  readonly whenStale?: "deny" | "allow";
  /** How many packets of one socket may wait behind an asynchronous check. @default 64 */
  readonly queue?: number;
}

/** What a namespace may have of its own; what it does not name is inherited. */
export interface NamespaceOptions<ClientToServer, Claims, User> {
  readonly events?: EventRules<ClientToServer, NoInfer<User>>;
  readonly authenticate?: Authenticate<Claims>;
}

export interface Config {
  readonly chain: readonly Authenticator[];
  readonly events: Readonly<Record<string, unknown>>;
  readonly undeclared: unknown;
  readonly onDenied: OnDenied;
  readonly origins: Origins | undefined;
  readonly findUser: FindUser<never, unknown> | undefined;
  readonly recheckUser: number;
  readonly checkTimeout: number;
  readonly authenticateTimeout: number;
  readonly queue: number;
  readonly store: Store;
  readonly staleAfter: number;
  readonly whenStale: "deny" | "allow";
}

const optionNames = [
  "authenticate", "events", "undeclared", "onDenied", "origins", "findUser", "recheckUser", "checkTimeout", "authenticateTimeout", "queue",
  "store", "staleAfter", "whenStale",
] as const satisfies readonly (keyof GuardOptions<never, never, never>)[];

type Given = Partial<Record<(typeof optionNames)[number], unknown>>;

/**
 * @throws GuardError `option_unknown`, `option_undefined`, `option_invalid`, `authenticate_missing`, `events_missing`, `origins_missing`, `duration_invalid`
 */
export function readOptions(options: unknown): Config {
  if (typeof options !== "object" || options === null) {
    throw new GuardError("option_invalid", "guard(io, options) needs options: give at least authenticate and events.");
  }
  refuseUnknownOptions(options, optionNames, "guard");
  refuseUndefined(options, ["origins", "findUser", "store"], "guard");
  const given = options as Given;
  const chain = readChain(given.authenticate);
  checkOnDenied(given.onDenied, "guard");
  return Object.freeze({
    chain,
    events: readEvents(given.events),
    undeclared: given.undeclared,
    onDenied: (given.onDenied as OnDenied | undefined) ?? "reject",
    origins: readOrigins(given.origins, chain),
    findUser: readFindUser(given.findUser),
    recheckUser: positive(given.recheckUser, "30s", "recheckUser"),
    checkTimeout: positive(given.checkTimeout, "2s", "checkTimeout"),
    authenticateTimeout: positive(given.authenticateTimeout, "5s", "authenticateTimeout"),
    queue: readQueue(given.queue),
    store: readStore(given.store),
    staleAfter: positive(given.staleAfter, "5s", "staleAfter"),
    whenStale: readWhenStale(given.whenStale),
  });
}

/** @throws GuardError `authenticate_missing`, `option_invalid` */
export function readChain(authenticate: unknown): readonly Authenticator[] {
  const chain = (Array.isArray(authenticate) ? [...(authenticate as unknown[])] : [authenticate]) as Partial<Authenticator>[];
  if (authenticate === undefined || chain.length === 0) {
    throw new GuardError("authenticate_missing", "guard needs authenticate: give jwt({ keys }), or anonymous() to let everybody in as a guest.");
  }
  if (!chain.every((one) => typeof one?.authenticate === "function" && typeof one.name === "string")) {
    throw new GuardError("option_invalid", "authenticate holds something that is no authenticator: give what jwt(...) or anonymous() returns, or { name, authenticate(handshake) }.");
  }
  if (chain.slice(0, -1).some((one) => isAnonymous(one))) {
    throw new GuardError("option_invalid", "anonymous() lets everybody in, and what stands after it would never be asked: put it last in authenticate.");
  }
  return Object.freeze(chain as Authenticator[]);
}

/** @throws GuardError `events_missing` */
export function readEvents(events: unknown): Readonly<Record<string, unknown>> {
  if (typeof events === "object" && events !== null && !Array.isArray(events)) return events as Record<string, unknown>;
  throw new GuardError("events_missing", "guard needs events: give a map with one rule for each event that clients may send.");
}

/** @throws GuardError `origins_missing`, `option_invalid` */
export function readOrigins(origins: unknown, chain: readonly Authenticator[]): Origins | undefined {
  if (origins === undefined) {
    const reader = chain.find((one) => one.cookie !== undefined);
    if (reader === undefined) return undefined;
    throw new GuardError("origins_missing", `${reader.name} reads ${reader.cookie === true ? "cookies" : `the cookie "${reader.cookie}"`}, which browsers send along for foreign pages too: give origins, a list or "same-origin".`);
  }
  if (origins === "same-origin") return origins;
  const list = (Array.isArray(origins) ? [...(origins as unknown[])] : [undefined]) as string[];
  for (const origin of list) {
    if (typeof origin !== "string" || !URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new GuardError("option_invalid", `origins is neither "same-origin" nor a list of origins such as "https://chat.example" (scheme, host and port, nothing after them).`);
    }
  }
  return Object.freeze(list);
}

function readFindUser(findUser: unknown): FindUser<never, unknown> | undefined {
  if (findUser === undefined || typeof findUser === "function") return findUser as FindUser<never, unknown> | undefined;
  throw new GuardError("option_invalid", "findUser is no function: give (claims, signal) => the user, or null if there is none.");
}

function readStore(store: unknown): Store {
  if (store === undefined) return memoryStore();
  const { revocations } = (typeof store === "object" && store !== null ? store : { revocations: null }) as { revocations?: unknown };
  if (revocations === undefined || isRevocationStore(revocations)) return store as Store;
  throw new GuardError("option_invalid", "store is none: give memoryStore(), sqlStore(kysely) or redisStore(client).");
}

function isRevocationStore(given: unknown): boolean {
  const { append, since } = (given ?? {}) as { append?: unknown; since?: unknown };
  return typeof append === "function" && typeof since === "function";
}

function readWhenStale(whenStale: unknown): "deny" | "allow" {
  if (whenStale === undefined || whenStale === "deny" || whenStale === "allow") return whenStale ?? "deny";
  throw new GuardError("option_invalid", 'whenStale is neither "deny" nor "allow".');
}

function readQueue(queue: unknown): number {
  const size = queue ?? 64;
  if (typeof size === "number" && Number.isInteger(size) && size >= 1 && size <= 65_536) return size;
  throw new GuardError("option_invalid", "queue is the number of packets that may wait for one socket: give a whole number from 1 to 65536.");
}

// Node's timers count whole milliseconds, and fire at once when they are to wait for longer.
const longestTimer = 2 ** 31 - 1;

function positive(duration: unknown, fallback: Duration, name: string): number {
  const value = milliseconds((duration as Duration | undefined) ?? fallback, name);
  if (value > 0) return Math.min(Math.ceil(value), longestTimer);
  throw new GuardError("duration_invalid", `${name} is 0: give a duration of more than 0, such as "${fallback}".`);
}
