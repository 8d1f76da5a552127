/** How the client identifies itself: as a user, with the token of `login()` or `getToken`, or as a guest. */
import { Alarm } from "./alarm.js";
import type { ClientConfig } from "./options.js";

export interface FetchedToken {
  /** Null for a guest. */
  readonly token: string | null;
  /** The login or logout that it was fetched for. */
  readonly epoch: number;
}

export class Credential {
  readonly #config: ClientConfig;
  readonly #alarm: Alarm;
  /** Counts logins and logouts. */
  epoch = 0;
  /** The token of the session, or of the CONNECT that waits for its answer; undefined if it did not come from here. */
  inUse: Partial<FetchedToken> = { epoch: 0 };
  #given: string | null | undefined;
  #pending: Promise<string | null> | undefined;
  #cancel: ((error: Error) => void) | undefined;

  constructor(config: ClientConfig) {
    this.#config = config;
    this.#alarm = new Alarm(config.time);
  }

  get isGuest(): boolean {
    return this.#given === null;
  }

  /** Whether the server knows about the last login or logout. */
  get inSync(): boolean {
    return this.inUse.epoch === this.epoch;
  }

  /** The server has answered the token of `login(token)`: `getToken` gives the next ones. */
  clear(): void {
    if (!this.isGuest) this.#given = undefined;
  }

  /** Logs in with this token, logs out if it is null, or logs in with tokens of `getToken` if it is undefined. */
  change(given: string | null | undefined): void {
    this.epoch += 1;
    this.#given = given;
    this.close();
    // fetch() catches this and starts again.
    this.#cancel?.(new Error());
  }

  /**
   * Fetches the token to use now. After a login or logout in between, it starts again.
   * Rejects if `getToken` fails or takes too long.
   */
  async fetch(): Promise<FetchedToken> {
    const epoch = this.epoch;
    try {
      const token = this.#given === undefined ? await this.#callGetToken() : this.#given;
      if (epoch === this.epoch) return { token, epoch };
    } catch (error) {
      if (epoch === this.epoch) throw error;
    }
    return this.fetch();
  }

  /** Concurrent callers share one call of `getToken`. */
  #callGetToken(): Promise<string | null> {
    if (this.#pending) return this.#pending;
    const { getToken, tokenTimeout } = this.#config;
    const pending = new Promise<string | null>((resolve, reject) => {
      this.#cancel = reject;
      this.#alarm.set(tokenTimeout, () => reject(new Error("`getToken` took too long.")));
      Promise.resolve().then(getToken).then((token) => resolve(token || null), reject);
    }).finally(() => { if (pending === this.#pending) this.close(); });
    return (this.#pending = pending);
  }

  close(): void {
    this.#alarm.stop();
    this.#pending = undefined;
  }
}
