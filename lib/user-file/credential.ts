/** What keeps a session of the file's true: its user is there, and is as it was. */
import { isDeepStrictEqual } from "node:util";
import type { LiveCredential, Identity, ValidityWindow } from "../authenticate/authenticator.js";
import type { LoadedUsers } from "./loaded.js";
import type { User } from "./users.js";

// Over, and not wrong: the same username and password open another one, with what the file says now.
const over: ValidityWindow = Object.freeze({ notBefore: -Infinity, endsAt: 0 });

/** One for all sessions of a file. */
export class UserCredential implements LiveCredential {
  readonly #loaded: LoadedUsers;

  constructor(loaded: LoadedUsers) {
    this.#loaded = loaded;
  }

  get generation(): number {
    return this.#loaded.generation;
  }

  validity(identity: Identity): ValidityWindow | "user_unknown" | undefined {
    const then = identity.verifiedBy as User;
    const now = this.#loaded.users.get(then.username);
    if (now === undefined) return "user_unknown";
    if (now.subject !== then.subject || !now.hash.equals(then.hash)) return undefined;
    return isDeepStrictEqual(now, then) ? identity : over;
  }

  onChange(listener: () => void): () => void {
    return this.#loaded.onChange(listener);
  }
}
