/** What `findUser` said of one user, shared by all sessions of the same subject and claims, and asked again in the background. */
import { isDeepStrictEqual } from "node:util";
import type { DenialCode } from "../protocol.js";
import { withTimeout } from "../timeout.js";
import { nowhere, type Deadline, type Deadlines } from "./deadlines.js";

/**
 * Says whether a user exists and what rules see of it: null if there is none (any more). An answer is shared by all
 * sessions whose claims are the same but for the token's own `iat`, `nbf`, `exp` and `jti`. It is plain data: handlers
 * receive a structured clone. `signal` aborts after `authenticateTimeout`.
 */
export type FindUser<Claims, User> = (claims: Claims, signal: AbortSignal) => User | null | Promise<User | null>;

/** What an account needs of its surroundings. */
export interface Directory {
  readonly deadlines: Deadlines;
  /** Milliseconds until the user is asked for again. */
  readonly recheckAfter: number;
  readonly timeout: number;
  findUser(claims: unknown, signal: AbortSignal): unknown;
  /** The user is gone: its sessions end. */
  gone(account: CachedUser): void;
  failed(account: CachedUser, error: unknown): void;
  forget(account: CachedUser): void;
}

/** The same for what may share an answer. */
export type UserCacheKey = string | symbol;

export class CachedUser implements Deadline {
  readonly key: UserCacheKey;
  readonly subject: string;
  readonly #claims: unknown;
  readonly #directory: Directory;
  /** The last answer; undefined before the first. */
  user: unknown = undefined;
  /** Grows whenever the answer is another one. */
  version = 0;
  readonly clock = Date.now;
  dueAt = Infinity;
  place = nowhere;
  #holders = 0;
  #question: Promise<void> | undefined;
  #repeat: Promise<void> | undefined;
  #deniesAt = Infinity;
  #isGone = false;

  constructor(key: UserCacheKey, subject: string, claims: unknown, directory: Directory) {
    this.key = key;
    this.subject = subject;
    this.#claims = claims;
    this.#directory = directory;
  }

  /** Why this user's events are denied now, or undefined. */
  refusal(): DenialCode | undefined {
    if (this.#isGone) return "user_unknown";
    return this.#deniesAt !== Infinity && Date.now() >= this.#deniesAt ? "unavailable" : undefined;
  }

  hold(): void {
    this.#holders += 1;
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders > 0) return;
    this.#directory.deadlines.remove(this);
    this.#directory.forget(this);
  }

  /** Settles once there is an answer; asks only if there is none. Whether there is a user then, `refusal` tells. */
  async known(): Promise<void> {
    if (this.version === 0) await (this.#question ?? this.#begin());
  }

  /** Asks now. A question that is under way may have been read before the change: then it is put once more, after it. */
  ask(): Promise<void> {
    if (this.#question === undefined) return this.#begin();
    return (this.#repeat ??= this.#question.then(() => {
      this.#repeat = undefined;
      return this.ask();
    }));
  }

  #begin(): Promise<void> {
    this.#question = this.#put().finally(() => (this.#question = undefined));
    return this.#question;
  }

  fallDue(): void {
    void this.ask();
  }

  async #put(): Promise<void> {
    this.#directory.deadlines.remove(this);
    try {
      this.#take(await this.#answer());
    } catch (error) {
      this.#keep(error);
    }
  }

  #answer(): Promise<unknown> {
    const { timeout } = this.#directory;
    return withTimeout({ ms: timeout, message: "findUser took longer than authenticateTimeout." }, (signal) => this.#directory.findUser(this.#claims, signal));
  }

  #take(answer: unknown): void {
    // The host may change its own object later, and answer with it again. What cannot be cloned is an error of findUser.
    const user: unknown = structuredClone(answer);
    this.#deniesAt = Infinity;
    this.#isGone = user === null || typeof user !== "object";
    if (this.#isGone) return this.#directory.gone(this);
    if (!isDeepStrictEqual(user, this.user)) {
      this.user = user;
      this.version += 1;
    }
    this.#askAt(Date.now() + this.#directory.recheckAfter);
  }

  /** An error keeps the last answer for one more period, is retried half-way through it, and then denies. */
  #keep(error: unknown): void {
    const period = this.#directory.recheckAfter;
    if (this.#deniesAt === Infinity) this.#deniesAt = this.version === 0 ? 0 : Date.now() + period;
    this.#askAt(Date.now() + period / 2);
    this.#directory.failed(this, error);
  }

  #askAt(instant: number): void {
    if (this.#holders === 0 || this.version === 0) return;
    this.dueAt = instant;
    this.#directory.deadlines.add(this);
  }
}
