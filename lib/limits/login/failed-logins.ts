/** Limits guessing: failed logins are counted by network and, apart, by the account that was tried, also those on other nodes. Open sessions are not touched. */
import { denial, type Denial } from "../../protocol.js";
import { Refusal } from "../../refusal.js";
import { Semaphore } from "../../semaphore.js";
import { readNews, type LoginNews } from "./login-news.js";
import type { LoginConfig } from "./options.js";
import { Throttle } from "./throttle.js";

/** Where a login comes from, and the accounts that it may be for. A part that is not known is not counted. */
export interface LoginAttempt {
  readonly network: string | undefined;
  /** Digests. */
  readonly accounts: readonly string[];
}

const maxKnownPairs = 10_000;

export class FailedLogins {
  readonly #byNetwork: Throttle;
  readonly #byAccount: Throttle;
  /** As many as may fail before the next ones have to wait. */
  readonly #maxAtOnce: number;
  readonly #tell: (news: LoginNews) => void;
  /** Accounts with the networks from which they have logged in. Strangers elsewhere cannot make these wait. */
  readonly #known = new Set<string>();
  /** For each account with logins under way. */
  readonly #semaphores = new Map<string, Semaphore>();

  /** `tell` tells the other nodes. */
  constructor({ failures, address, account }: LoginConfig, tell: (news: LoginNews) => void) {
    this.#byNetwork = new Throttle({ failures, ...address });
    this.#byAccount = new Throttle({ failures, ...account });
    this.#maxAtOnce = failures;
    this.#tell = tell;
  }

  /** Another node has said something. If its message is lost, a guesser may try once more on this node. */
  told(message: unknown): void {
    const news = readNews(message);
    if (news?.result === "failed") this.#count(news);
    if (news?.result === "succeeded") this.#remember(news);
  }

  /** Why logins from this network are refused now; undefined if they are not. */
  networkRefusal(network: string | undefined): Refusal | undefined {
    const wait = network === undefined ? 0 : this.#byNetwork.wait(network, Date.now());
    return wait === 0 ? undefined : tooMany("Too many failed logins came from your address.", wait);
  }

  /**
   * Runs a login once fewer than `failures` others to the same account are under way. If all could run at once, any number of guesses
   * would be tried before the first has failed.
   */
  async inTurn<Result>({ network, accounts }: LoginAttempt, logIn: () => Result | Promise<Result>): Promise<Result> {
    // In one order for all, so that no two of them wait for each other.
    const keys = accounts.map((account) => this.#keyOf(network, account)).sort();
    for (const key of keys) await this.#semaphoreOf(key).acquire();
    try {
      return await logIn();
    } finally {
      for (const key of keys) this.#release(key);
    }
  }

  /** Begins a login to an account, or says why it has to wait. */
  begin({ network, accounts }: LoginAttempt): Refusal | undefined {
    if (accounts.length === 0) return undefined;
    const isKnown = accounts.every((account) => this.#known.has(pairOf(network, account)));
    const blocked = isKnown ? undefined : this.networkRefusal(network);
    if (blocked !== undefined) return blocked;
    const now = Date.now();
    const keys = accounts.map((account) => this.#keyOf(network, account));
    const wait = Math.max(...keys.map((key) => this.#byAccount.wait(key, now)));
    if (wait > 0) return tooMany("Too many logins to this account failed.", wait);
    for (const key of keys) this.#byAccount.begin(key, now);
    return undefined;
  }

  failed(attempt: LoginAttempt): void {
    this.#count(attempt);
    this.#tell({ ...attempt, result: "failed" });
  }

  /** The other nodes are told of a network that is new for the account. */
  succeeded(attempt: LoginAttempt): void {
    if (this.#remember(attempt)) this.#tell({ ...attempt, result: "succeeded" });
  }

  #count({ network, accounts }: LoginAttempt): void {
    if (network !== undefined) this.#byNetwork.failed(network, Date.now());
    for (const account of accounts) this.#byAccount.failed(this.#keyOf(network, account), Date.now());
  }

  /** Remembers the network for the account. With several accounts it is unknown which one the client has logged in to. Whether the pair is new. */
  #remember({ network, accounts }: LoginAttempt): boolean {
    const [account] = accounts;
    if (network === undefined || account === undefined || accounts.length > 1) return false;
    const pair = pairOf(network, account);
    const isNew = !this.#known.delete(pair);
    this.#known.add(pair);
    const [oldest] = this.#known;
    if (this.#known.size > maxKnownPairs) this.#known.delete(oldest!);
    return isNew;
  }

  #semaphoreOf(key: string): Semaphore {
    let semaphore = this.#semaphores.get(key);
    if (semaphore === undefined) this.#semaphores.set(key, (semaphore = new Semaphore(this.#maxAtOnce, Infinity)));
    return semaphore;
  }

  #release(key: string): void {
    const semaphore = this.#semaphoreOf(key);
    semaphore.release();
    if (semaphore.isIdle) this.#semaphores.delete(key);
  }

  #keyOf(network: string | undefined, account: string): string {
    const pair = pairOf(network, account);
    return this.#known.has(pair) ? pair : account;
  }
}

/** Whether somebody presented a wrong credential: not one that has expired, or that could not be checked. */
export function isFailedLogin({ status, reconnect }: Denial): boolean {
  return status === 401 && reconnect === "never";
}

/** No network has a space in it. */
function pairOf(network: string | undefined, account: string): string {
  return `${network ?? ""} ${account}`;
}

/** A login that has to wait. */
export class ThrottledLogin extends Refusal {}

function tooMany(message: string, retryAfter: number): Refusal {
  return new ThrottledLogin(denial("rate_limited", { message: `${message} Wait before you try again.`, reconnect: "later", retryAfter }), "too many failed logins");
}
