/** The users of this node's sessions: one account, and so one question at a time, for each subject and its claims. */
import { isDeepStrictEqual } from "node:util";
import type { Identity } from "../authenticate/authenticator.js";
import { CachedUser, type UserCacheKey, type Directory, type FindUser } from "./cached-user.js";
import type { Deadlines } from "./deadlines.js";

export interface UserCacheOptions {
  readonly findUser: FindUser<never, unknown>;
  readonly recheckAfter: number;
  readonly timeout: number;
  readonly deadlines: Deadlines;
  gone(account: CachedUser): void;
  failed(account: CachedUser, error: unknown): void;
}

export class UserCache implements Directory {
  readonly deadlines: Deadlines;
  readonly recheckAfter: number;
  readonly timeout: number;
  readonly #options: UserCacheOptions;
  readonly #accounts = new Map<UserCacheKey, CachedUser>();

  constructor(options: UserCacheOptions) {
    this.#options = options;
    this.deadlines = options.deadlines;
    this.recheckAfter = options.recheckAfter;
    this.timeout = options.timeout;
  }

  /** The account of an identity, held once for the caller, who releases it. A guest has none. */
  hold(identity: Identity): CachedUser | undefined {
    if (identity.subject === undefined) return undefined;
    const key = accountKey(identity.subject, identity.claims);
    let account = this.#accounts.get(key);
    if (account === undefined) {
      account = new CachedUser(key, identity.subject, identity.claims, this);
      this.#accounts.set(key, account);
    }
    account.hold();
    return account;
  }

  /** Asks for a subject again, now. Settles when the answers are in. */
  async ask(subject: string): Promise<void> {
    const asked = [...this.#accounts.values()].filter((account) => account.subject === subject);
    await Promise.all(asked.map((account) => account.ask()));
  }

  findUser(claims: unknown, signal: AbortSignal): unknown {
    return this.#options.findUser(claims as never, signal);
  }

  gone(account: CachedUser): void {
    this.#options.gone(account);
  }

  failed(account: CachedUser, error: unknown): void {
    this.#options.failed(account, error);
  }

  forget(account: CachedUser): void {
    if (this.#accounts.get(account.key) === account) this.#accounts.delete(account.key);
  }
}

/** Two tokens of one subject may claim different things (a second factor, say): neither may answer for the other. */
function accountKey(subject: string, claims: unknown): UserCacheKey {
  const { iat, nbf, exp, jti, ...lasting } = claims as Record<string, unknown>;
  const told = JSON.stringify(lasting);
  // A schema may have made a Set or a Date of a claim, which JSON does not tell from others: such claims are shared with nobody.
  return isDeepStrictEqual(JSON.parse(told), lasting) ? `${subject.length} ${subject} ${told}` : Symbol(subject);
}
