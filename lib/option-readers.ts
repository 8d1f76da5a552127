/** How each option of the guard is read: what is wrong with it has a name and a sentence. */
import { isAnonymous } from "./authenticate/anonymous.js";
import type { Authenticator } from "./authenticate/authenticator.js";
import type { Origins } from "./socket/origin.js";
import { milliseconds, refuseUnknownOptions, type Duration } from "./configuration.js";
import type { Config, MaxSessions } from "./options.js";
import { GuardError } from "./guard-error.js";
import type { Signer } from "./signer.js";
import type { GuardStore } from "./store.js";
import type { FindUser } from "./session/user-cache.js";

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
    const reader = chain.find((one) => (one.reads?.cookies ?? []).length > 0);
    if (reader === undefined) return undefined;
    throw new GuardError("origins_missing", `The authenticator ${reader.name} reads cookies, which browsers also send with requests from other sites. Set \`origins\` to a list of origins or to "same-origin".`);
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

export function readFindUser(findUser: unknown): FindUser<never, unknown> | undefined {
  if (findUser === undefined || typeof findUser === "function") return findUser as FindUser<never, unknown> | undefined;
  throw new GuardError("option_invalid", "findUser is no function: give (claims, signal) => the user, or null if there is none.");
}

export function readSigner(given: unknown): Signer | undefined {
  if (given === undefined || isSigner(given)) return given;
  throw new GuardError("option_invalid", "signer is none: give what signer({ key, secret }) returns.");
}

function isSigner(given: unknown): given is Signer {
  return typeof given === "object" && given !== null && typeof (given as Partial<Signer>).verifyUser === "function";
}

export function readMaxSessions(given: unknown): Required<MaxSessions> {
  if (given === undefined) return { perNode: Infinity, onLimit: "reject-new" };
  if (typeof given !== "object" || given === null) throw new GuardError("option_invalid", '`maxSessionsPerUser` must be an object such as { perNode: 5, onLimit: "end-oldest" }.');
  refuseUnknownOptions(given, ["perNode", "onLimit"], "maxSessionsPerUser");
  const { perNode, onLimit = "reject-new" } = given as { perNode?: unknown; onLimit?: unknown };
  if (onLimit !== "reject-new" && onLimit !== "end-oldest") throw new GuardError("option_invalid", '`maxSessionsPerUser.onLimit` must be "reject-new" or "end-oldest".');
  return Object.freeze({ perNode: wholeNumber(perNode, 1, 1_000_000, "maxSessionsPerUser.perNode is a number of sessions"), onLimit });
}

export function readLogin(login: unknown = {}): Config["login"] {
  if (typeof login !== "object" || login === null) throw new GuardError("option_invalid", '`login` must be an object such as { timeout: "10s", attempts: 3, throttle: true }.');
  refuseUnknownOptions(login, ["timeout", "attempts", "throttle"], "login");
  const { timeout, attempts = 3, throttle = true } = login as { timeout?: unknown; attempts?: unknown; throttle?: unknown };
  if (typeof throttle !== "boolean") throw new GuardError("option_invalid", "`login.throttle` must be true or false.");
  return Object.freeze({
    timeout: positive(timeout, "10s", "login.timeout"),
    attempts: wholeNumber(attempts, 1, 100, "login.attempts is the number of refused handshakes that closes a connection"),
    throttle,
  });
}

export function readStore(store: unknown): GuardStore {
  // Without a store, revocations are kept in memory. API keys are not: nobody could create one.
  if (store === undefined) return Object.freeze({});
  const { revocations } = (typeof store === "object" && store !== null ? store : { revocations: null }) as { revocations?: unknown };
  if (revocations === undefined || isRevocationStore(revocations)) return store as GuardStore;
  throw new GuardError("option_invalid", "`store` must be memoryStore(), sqlStore(database), redisStore(client), or an object with `revocations` or `apiKeys`.");
}

function isRevocationStore(given: unknown): boolean {
  const { append, since } = (given ?? {}) as { append?: unknown; since?: unknown };
  return typeof append === "function" && typeof since === "function";
}

export function readOnStale(onStale: unknown): Config["onStale"] {
  if (onStale === undefined) return "deny";
  if (onStale === "deny" || onStale === "allow" || onStale === "silence") return onStale;
  throw new GuardError("option_invalid", '`onStale` must be "deny", "allow" or "silence".');
}

export function wholeNumber(given: unknown, least: number, most: number, what: string): number {
  if (typeof given === "number" && Number.isInteger(given) && given >= least && given <= most) return given;
  throw new GuardError("option_invalid", `${what}: give a whole number from ${least} to ${most}.`);
}

// Node's timers count whole milliseconds, and fire at once when they are to wait for longer.
const longestTimer = 2 ** 31 - 1;

export function positive(duration: unknown, fallback: Duration, name: string): number {
  const value = milliseconds((duration as Duration | undefined) ?? fallback, name);
  if (value > 0) return Math.min(Math.ceil(value), longestTimer);
  throw new GuardError("duration_invalid", `${name} is 0: give a duration of more than 0, such as "${fallback}".`);
}
