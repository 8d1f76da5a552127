/** Who the client wants to be: a user with the token that `getToken` or `login` gave, or a guest. */
import type { Time } from "./time.js";

export interface Fetched {
  readonly token: string | null;
  /** The login or logout that it belongs to. */
  readonly turn: number;
}

export class Credential {
  readonly #getToken: () => string | null | Promise<string | null>;
  readonly #timeout: number;
  readonly #time: Time;
  /** Counts logins and logouts. */
  #turn = 0;
  #isGuest = false;
  #given: string | undefined;
  #asked: Promise<string | null> | undefined;
  #abandon: (() => void) | undefined;
  #timer: unknown;
  #used: Fetched | undefined;

  constructor({ getToken, tokenTimeout, time }: { getToken: () => string | null | Promise<string | null>; tokenTimeout: number; time: Time }) {
    this.#getToken = getToken;
    this.#timeout = tokenTimeout;
    this.#time = time;
  }

  get turn(): number {
    return this.#turn;
  }

  get isGuest(): boolean {
    return this.#isGuest;
  }

  /** What the server knows us by; undefined if that is not from here. */
  get used(): Fetched | undefined {
    return this.#used;
  }

  /** Whether the server knows of the last login or logout. */
  get isKnown(): boolean {
    return (this.#used?.turn ?? 0) === this.#turn;
  }

  use(fetched: Fetched): void {
    this.#used = fetched;
  }

  /** The token of `login(token)` was answered: from now on `getToken` is asked. */
  spend(): void {
    this.#given = undefined;
  }

  becomeUser(token: string | undefined): void {
    this.#become(false, token);
  }

  becomeGuest(): void {
    this.#become(true, undefined);
  }

  #become(isGuest: boolean, given: string | undefined): void {
    this.#turn += 1;
    this.#isGuest = isGuest;
    this.#given = given;
    this.#abandon?.();
  }

  /** A token for whoever the client wants to be when it is here. Rejects if `getToken` does, or is too slow. */
  async fetch(): Promise<Fetched> {
    const turn = this.#turn;
    try {
      const token = this.#isGuest ? null : (this.#given ?? await this.#ask());
      if (turn === this.#turn) return { token, turn };
    } catch (error) {
      if (turn === this.#turn) throw error;
    }
    return this.fetch();
  }

  // Whoever asks while it is being asked shares the answer.
  #ask(): Promise<string | null> {
    return (this.#asked ??= new Promise<string | null>((resolve, reject) => {
      const timer = this.#time.set(() => over(() => reject(new Error("getToken did not answer in time."))), this.#timeout);
      const over = (settle: () => void): void => {
        this.#time.clear(timer);
        if (this.#timer === timer) this.#asked = undefined;
        settle();
      };
      this.#timer = timer;
      this.#abandon = () => over(() => reject(new Error("Somebody else logs in.")));
      Promise.resolve().then(this.#getToken).then((token) => over(() => resolve(token || null)), (error: Error) => over(() => reject(error)));
    }));
  }

  close(): void {
    this.#time.clear(this.#timer);
  }
}
