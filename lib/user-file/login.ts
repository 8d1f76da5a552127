/** Verifies a username and a password. Wrong passwords and unknown usernames get the same answer after the same work. */
import { createHmac, randomBytes } from "node:crypto";
import { refuse, type Refusal } from "../refusal.js";
import { Semaphore } from "../semaphore.js";
import { maxPasswordBytes } from "./password-hash.js";
import { maxUsernameLength, type User, type UsersByName } from "./users.js";

const wrong = refuse("credential_invalid", { message: "The username or the password is wrong.", reason: "the username or the password is wrong" });
const tooMany = refuse("rate_limited", {
  reconnect: "later", retryAfter: 2_000, message: "Too many users are logging in at the moment. Try again.", reason: "more logins wait than `queue` allows",
});
const cancelled = refuse("unavailable", { reason: "the client did not wait for the answer" });

export class Logins {
  readonly #source: { readonly users: UsersByName };
  readonly #semaphore: Semaphore;
  readonly #key = randomBytes(32);

  constructor(source: { readonly users: UsersByName }, { concurrency, queue }: { readonly concurrency: number; readonly queue: number }) {
    this.#source = source;
    this.#semaphore = new Semaphore(concurrency, queue);
  }

  async logIn(username: string, password: string, signal: AbortSignal): Promise<User | Refusal> {
    if (username.length > maxUsernameLength || Buffer.byteLength(password) > maxPasswordBytes) return wrong;
    const acquired = this.#semaphore.acquire();
    if (acquired === undefined) return tooMany;
    await acquired;
    try {
      return signal.aborted ? cancelled : await this.#verify(username, password) ?? wrong;
    } finally {
      this.#semaphore.release();
    }
  }

  async #verify(username: string, password: string): Promise<User | undefined> {
    const { users } = this.#source;
    const user = users.get(username);
    const standIn = this.#standInFor(username, [...users.values()]);
    const { hash } = user ?? standIn ?? {};
    return await hash?.verify(password) === true ? user : undefined;
  }

  /** For an unknown username, the password is verified against the hash of another user, so that the time does not tell which usernames exist. One username always gets the same stand-in. */
  #standInFor(username: string, users: readonly User[]): User | undefined {
    return users[createHmac("sha256", this.#key).update(username).digest().readUInt32BE() % users.length];
  }
}
