/** A username and a password -> the user, or one and the same refusal after one and the same work. */
import { createHmac, randomBytes } from "node:crypto";
import { denial, type Denial } from "../protocol.js";
import { longestPassword } from "./password-hash.js";
import { Turns } from "./turns.js";
import { longestUsername, type KnownUsers, type User } from "./users.js";

const wrong = denial("credential_invalid", { message: "The username or the password is wrong." });
const tooMany = denial("rate_limited", { reconnect: "later", retryAfter: 2_000, message: "Too many sign in at this moment. Try again." });

export class Logins {
  readonly #known: KnownUsers;
  readonly #turns: Turns;
  readonly #key = randomBytes(32);

  constructor(known: KnownUsers, { concurrency, queue }: { readonly concurrency: number; readonly queue: number }) {
    this.#known = known;
    this.#turns = new Turns(concurrency, queue);
  }

  async signIn(username: string, password: string, signal: AbortSignal): Promise<User | Denial> {
    if (username.length > longestUsername || Buffer.byteLength(password) > longestPassword) return wrong;
    const turn = this.#turns.take();
    if (turn === undefined) return tooMany;
    await turn;
    try {
      // Nobody waits for the answer any more.
      if (signal.aborted) return denial("unavailable");
      return await this.#verify(username, password) ?? wrong;
    } finally {
      this.#turns.give();
    }
  }

  async #verify(username: string, password: string): Promise<User | undefined> {
    const user = this.#known.users.get(username);
    const { hash } = user ?? this.#standIn(username) ?? {};
    return await hash?.verify(password) === true ? user : undefined;
  }

  /** Whose hash does the work for a name that is not there, so that time does not tell which names are: for one name always the same. */
  #standIn(username: string): User | undefined {
    const { everybody } = this.#known;
    return everybody[createHmac("sha256", this.#key).update(username).digest().readUInt32BE() % everybody.length];
  }
}
