/** Caches the answers of `findUser`: sessions with the same claims share one, and it is refreshed in the background. */
import { isDeepStrictEqual } from "node:util";
import type { GuardIdentity } from "../authenticate/authenticator.js";
import { Poller } from "../poller.js";
import { refuse, type Refusal } from "../refusal.js";
import { withTimeout } from "../timeout.js";
import { TimerQueue, type Timed } from "./timer-queue.js";

/**
 * Finds the user that rules and handlers see, or null if the user does not exist (any more). Sessions share one answer if their
 * claims differ in nothing but `iat`, `nbf`, `exp` and `jti`. The answer is plain data: handlers receive a structured clone.
 * `signal` aborts after `authenticateTimeout`.
 */
export type FindUser<Claims, User> = (claims: Claims, signal: AbortSignal) => User | null | Promise<User | null>;

export interface UserCacheOptions {
  readonly findUser: FindUser<never, unknown>;
  /** Milliseconds until `findUser` is called again. */
  readonly cacheFor: number;
  /** Milliseconds that `findUser` may take. */
  readonly timeout: number;
  /** The user does not exist any more: its sessions end. */
  readonly onGone: (user: CachedUser) => void;
  /** `findUser` has answered something else than before. */
  readonly onChanged: (user: CachedUser) => void;
  readonly onError: (error: unknown) => void;
  /** `findUser` has answered or failed. It was called at that instant of `performance.now()`. */
  readonly onSettled: (startedAt: number) => void;
  /** `findUser` has answered, and the last call for each other user did not fail. */
  readonly onRecovered: () => void;
}

/** Sessions with the same key share one answer. */
type Key = string | symbol;

export class UserCache {
  readonly options: UserCacheOptions;
  /** Users for whom the last call of `findUser` failed. */
  readonly failing = new Set<CachedUser>();
  /** One timer for all users. It reads the wall clock, so that a machine that has slept asks at once. */
  readonly rechecks = new TimerQueue<CachedUser>((user) => void user.refresh());
  readonly #users = new Map<Key, CachedUser>();

  constructor(options: UserCacheOptions) {
    this.options = options;
  }

  /** The user of an identity. The caller has to release it. Undefined for a guest. */
  hold(identity: GuardIdentity): CachedUser | undefined {
    if (identity.subject === undefined) return undefined;
    const key = cacheKey(identity.subject, identity.claims);
    let user = this.#users.get(key);
    if (user === undefined) {
      user = new CachedUser(this, key, identity.subject, identity.claims);
      this.#users.set(key, user);
    }
    user.hold();
    return user;
  }

  /** Calls `findUser` for these subjects now. Settles when the answers are in. */
  async refresh(subjects: ReadonlySet<string>): Promise<void> {
    const users = [...this.#users.values()].filter((user) => subjects.has(user.subject));
    await Promise.all(users.map((user) => user.refresh()));
  }

  forget(key: Key): void {
    this.#users.delete(key);
  }
}

export class CachedUser implements Timed {
  readonly subject: string;
  readonly #cache: UserCache;
  readonly #key: Key;
  readonly #claims: unknown;
  readonly #poller: Poller;
  /** The last answer; undefined before the first. */
  user: unknown = undefined;
  /** Grows with each answer that differs from the one before. 0: there is no answer yet. */
  version = 0;
  /** When `findUser` is called again; belongs to the queue of the cache. */
  dueAt = Infinity;
  #holders = 0;
  #isGone = false;
  /** Epoch milliseconds from which the last answer is too old to rely on. */
  #deniesAt = Infinity;

  constructor(cache: UserCache, key: Key, subject: string, claims: unknown) {
    this.subject = subject;
    this.#cache = cache;
    this.#key = key;
    this.#claims = claims;
    this.#poller = new Poller({ task: () => this.#load(), interval: Infinity });
  }

  hold(): void {
    this.#holders += 1;
  }

  /** The last release forgets the user. */
  release(): void {
    this.#holders -= 1;
    if (this.#holders !== 0) return;
    this.#cache.rechecks.delete(this);
    this.#cache.failing.delete(this);
    this.#cache.forget(this.#key);
  }

  /** Why this user's events are denied now, or undefined. */
  invalidity(): Refusal | undefined {
    if (this.#isGone) return userUnknown;
    return this.#deniesAt !== Infinity && Date.now() >= this.#deniesAt ? userUnavailable : undefined;
  }

  /** Settles once `findUser` has answered or failed. Calls it only if there is no answer yet. */
  async ready(): Promise<void> {
    if (this.version === 0) await (this.#poller.running ?? this.#poller.run()).catch(reported);
  }

  /** Calls `findUser` now. Settles when it has answered or failed. */
  async refresh(): Promise<void> {
    await this.#poller.run().catch(reported);
  }

  async #load(): Promise<void> {
    const { cacheFor, findUser, timeout, onError, onSettled } = this.#cache.options;
    const startedAt = performance.now();
    try {
      const answer = await withTimeout({ ms: timeout, message: "findUser took longer than authenticateTimeout." }, (signal) => findUser(this.#claims as never, signal));
      // The host may change its own object later, and answer with it again. An answer that cannot be cloned is an error of findUser.
      this.#keep(structuredClone(answer));
      this.#recheckIn(cacheFor);
    } catch (error) {
      this.#failed();
      // Halfway through the period in which the last answer still counts.
      this.#recheckIn(cacheFor / 2);
      onError(error);
      throw error;
    } finally {
      onSettled(startedAt);
    }
  }

  #recheckIn(ms: number): void {
    if (this.#holders > 0) this.#cache.rechecks.set(this, Date.now() + ms);
  }

  #keep(user: unknown): void {
    this.#deniesAt = Infinity;
    this.#cache.failing.delete(this);
    if (this.#cache.failing.size === 0) this.#cache.options.onRecovered();
    this.#isGone = user === null || typeof user !== "object";
    if (this.#isGone) return this.#cache.options.onGone(this);
    if (isDeepStrictEqual(user, this.user)) return;
    this.user = user;
    this.version += 1;
    if (this.version > 1) this.#cache.options.onChanged(this);
  }

  /** The last answer counts for one more period. Without an answer, events are denied at once. */
  #failed(): void {
    if (this.#holders > 0) this.#cache.failing.add(this);
    if (this.#deniesAt === Infinity) this.#deniesAt = this.version === 0 ? 0 : Date.now() + this.#cache.options.cacheFor;
  }
}

/** `#load` has told `onError` already. */
function reported(): void {}

export const userUnknown = refuse("user_unknown", { reason: "`findUser` returned no user" });
const userUnavailable = refuse("unavailable", { reason: "`findUser` fails, and its last answer is too old" });

/** Two tokens of one subject may have different claims, for example about a second factor. They must not share an answer. */
function cacheKey(subject: string, claims: unknown): Key {
  const { iat, nbf, exp, jti, ...lasting } = claims as Record<string, unknown>;
  const json = JSON.stringify(lasting);
  // A schema may have made a Set or a Date of a claim, which JSON cannot tell from other values: such claims share no answer.
  return isDeepStrictEqual(JSON.parse(json), lasting) ? `${subject.length} ${subject} ${json}` : Symbol(subject);
}
