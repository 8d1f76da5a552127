/** Limits guessing: failed logins are counted by network and, apart, by the account that was tried. Open sessions are not touched. */
import type { Denial } from "../protocol.js";
import { refuse, type Refusal } from "../refusal.js";
import { Semaphore } from "../semaphore.js";
import { Throttle } from "./throttle.js";

/** Where a login comes from, and the accounts that it may be for. A part that is not known is not counted. */
export interface LoginAttempt {
  readonly network: string | undefined;
  readonly accounts: readonly string[];
}

const maxKnownPairs = 10_000;
// As many as may fail before the next ones have to wait.
const maxAtOnce = 10;

export class FailedLogins {
  readonly #byNetwork = new Throttle({ forgetAfter: 10_000, maxWait: 60_000 });
  readonly #byAccount = new Throttle({ forgetAfter: 60_000, maxWait: 30_000 });
  /** Accounts with the networks from which they have logged in. Strangers elsewhere cannot make these wait. */
  readonly #known = new Set<string>();
  /** For each account with logins under way. */
  readonly #semaphores = new Map<string, Semaphore>();

  /** Why logins from this network are refused now; undefined if they are not. */
  networkRefusal(network: string | undefined): Refusal | undefined {
    const wait = network === undefined ? 0 : this.#byNetwork.wait(network, Date.now());
    return wait === 0 ? undefined : tooMany("Too many failed logins came from your address.", wait);
  }

  /**
   * Runs a login once fewer than ten others to the same account are under way. If all could run at once, any number of guesses
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

  failed({ network, accounts }: LoginAttempt): void {
    if (network !== undefined) this.#byNetwork.failed(network, Date.now());
    for (const account of accounts) this.#byAccount.failed(this.#keyOf(network, account), Date.now());
  }

  /** Remembers the network for the account. With several accounts it is unknown which one the client has logged in to. */
  succeeded({ network, accounts }: LoginAttempt): void {
    const [account] = accounts;
    if (network === undefined || account === undefined || accounts.length > 1) return;
    const pair = pairOf(network, account);
    this.#known.delete(pair);
    this.#known.add(pair);
    const [oldest] = this.#known;
    if (this.#known.size > maxKnownPairs) this.#known.delete(oldest!);
  }

  #semaphoreOf(key: string): Semaphore {
    let semaphore = this.#semaphores.get(key);
    if (semaphore === undefined) this.#semaphores.set(key, (semaphore = new Semaphore(maxAtOnce, Infinity)));
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

function tooMany(message: string, retryAfter: number): Refusal {
  return refuse("rate_limited", { message: `${message} Wait before you try again.`, reconnect: "later", retryAfter, reason: "too many failed logins" });
}
