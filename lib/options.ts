/** Options -> a frozen config. Every misconfiguration has a name and a sentence, and stops the start. */
import type { Authenticator } from "./authenticate/authenticator.js";
import type { Origins } from "./socket/origin.js";
import { refuseUndefined, refuseUnknownOptions, type Duration } from "./configuration.js";
import { positive, readChain, readEvents, readFindUser, readLogin, readMaxSessions, readOrigins, readSigner, readStore, readOnStale, wholeNumber } from "./option-readers.js";
import { checkOnDenied } from "./policy/compile.js";
import type { EventArguments, EventRules, OnDenied, Rule } from "./policy/rules.js";
import { GuardError } from "./guard-error.js";
import type { Signer } from "./signer.js";
import type { GuardStore } from "./store.js";
import type { FindUser } from "./session/user-cache.js";

/** Who may come in: one authenticator, or a list of which the first that answers decides. */
export type Authenticate<Claims> = Authenticator<Claims> | readonly Authenticator<Claims>[];

/** What the authenticators of a chain claim between them. */
export type ClaimsOf<Chain> = Chain extends readonly Authenticator<infer Claims>[] ? Claims : Chain extends Authenticator<infer Claims> ? Claims : never;

export interface MaxSessions {
  /** How many sessions a user may have in one namespace of one node. */
  readonly perNode: number;
  /** What happens when there are more. @default "reject-new" */
  readonly onLimit?: "reject-new" | "end-oldest";
}

/** What rules see of a user: what `findUser` found, or the claims where there is no `findUser`. */
export type UserOf<Chain, Found> = [Found] extends [never] ? ClaimsOf<Chain> : Found;

/** `Type`, but no place to infer it from. Unlike `NoInfer`, it leaves no trace in what an editor shows. */
type Fixed<Type> = [Type][Type extends unknown ? 0 : never];

export interface LoginOptions {
  /** How long a connection may be open without a session. @default "10s" */
  readonly timeout?: Duration;
  /** How many refused handshakes close a connection. @default 3 */
  readonly attempts?: number;
  /** Whether an address or an account with many failed logins has to wait. @default true */
  readonly throttle?: boolean;
}

export interface GuardOptions<ClientToServer, Chain extends Authenticate<unknown>, Found = never> {
  readonly authenticate: Chain;
  /** What each event requires. */
  readonly events: EventRules<ClientToServer, Fixed<UserOf<Chain, Found>>>;
  /** What an event requires that the map does not name. @default it is denied, as `event_unlisted` */
  readonly undeclared?: Rule<Fixed<UserOf<Chain, Found>>>;
  /** What a denied event does, where its rule does not say. @default "reject" */
  readonly onDenied?: OnDenied;
  /** Which pages may connect; required when an authenticator reads a cookie. @default every origin */
  readonly origins?: Origins;
  readonly login?: LoginOptions;
  /** Whose signatures are taken for `guard:signin`: `signer({ key, secret })`. @default nobody's */
  readonly signer?: Signer;
  /** How long a session holds that came by a signature. @default "1h" */
  readonly signinLifetime?: Duration;
  /** How many sessions a user may have at the same time. @default any number */
  readonly maxSessionsPerUser?: MaxSessions;
  /** How many proxies are in front of the server, each of which appends to `X-Forwarded-For`. 0 says that there are none. @default the connection's own address counts; if a proxy adds its headers, a warning tells you to set this */
  readonly trustProxy?: number;
  /** Whether a user exists, and what rules see of it. @default rules see the claims */
  readonly findUser?: FindUser<Fixed<ClaimsOf<Chain>>, UserOf<Chain, Found>>;
  /** How old the answer of `findUser` may be. @default "30s" */
  readonly findUserCacheFor?: Duration;
  /** How long an asynchronous check or schema may take. @default "2s" */
  readonly checkTimeout?: Duration;
  /** How long an authenticator or `findUser` may take. @default "5s" */
  readonly authenticateTimeout?: Duration;
  /** Keeps revocations and API keys for all nodes and across restarts. @default revocations are kept in the memory of this node */
  readonly store?: GuardStore;
  /** For how long a node may rely on what it last read from the store. @default "5s" */
  readonly maxStaleness?: Duration;
  /**
   * What happens while the store cannot be read for longer than that. "deny": protected events are denied as `unavailable`.
   * "silence": besides, signed-in clients are sent no events. "allow": nothing. @default "deny"
   */
  readonly onStale?: "deny" | "allow" | "silence";
  /** How many packets of one socket may wait behind an asynchronous check. @default 64 */
  readonly queue?: number;
}

/** What a namespace may have of its own; what it does not name is inherited. */
type NamespaceRules<Events, User> = { readonly [Event in keyof Events]: Rule<User, EventArguments<NonNullable<Events[Event]>>> };

export interface NamespaceOptions<ClientToServer, Claims, User> {
  readonly events?: NamespaceRules<Fixed<ClientToServer>, User>;
  readonly authenticate?: Authenticate<Claims>;
}

export interface Config {
  readonly chain: readonly Authenticator[];
  readonly events: Readonly<Record<string, unknown>>;
  readonly undeclared: unknown;
  readonly onDenied: OnDenied;
  readonly origins: Origins | undefined;
  readonly findUser: FindUser<never, unknown> | undefined;
  readonly findUserCacheFor: number;
  readonly checkTimeout: number;
  readonly authenticateTimeout: number;
  readonly queue: number;
  readonly signer: Signer | undefined;
  readonly signinLifetime: number;
  readonly maxSessionsPerUser: Required<MaxSessions>;
  readonly trustProxy: number | undefined;
  readonly login: { readonly timeout: number; readonly attempts: number; readonly throttle: boolean };
  readonly store: GuardStore;
  readonly maxStaleness: number;
  readonly onStale: "deny" | "allow" | "silence";
}

const optionNames = [
  "authenticate", "events", "undeclared", "onDenied", "origins", "findUser", "findUserCacheFor", "checkTimeout", "authenticateTimeout", "queue",
  "login", "signer", "signinLifetime", "maxSessionsPerUser", "trustProxy", "store", "maxStaleness", "onStale",
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
  refuseUndefined(options, ["origins", "findUser", "store", "signer"], "guard");
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
    findUserCacheFor: positive(given.findUserCacheFor, "30s", "findUserCacheFor"),
    checkTimeout: positive(given.checkTimeout, "2s", "checkTimeout"),
    authenticateTimeout: positive(given.authenticateTimeout, "5s", "authenticateTimeout"),
    queue: wholeNumber(given.queue ?? 64, 1, 65_536, "queue is the number of packets that may wait for one socket"),
    signer: readSigner(given.signer),
    signinLifetime: positive(given.signinLifetime, "1h", "signinLifetime"),
    maxSessionsPerUser: readMaxSessions(given.maxSessionsPerUser),
    trustProxy: given.trustProxy === undefined ? undefined : wholeNumber(given.trustProxy, 0, 100, "trustProxy is the number of proxies before the server"),
    login: readLogin(given.login),
    store: readStore(given.store),
    maxStaleness: positive(given.maxStaleness, "5s", "maxStaleness"),
    onStale: readOnStale(given.onStale),
  });
}
