/** What keeps a session of the file's true: its user is there, and is as it was. */
import { isDeepStrictEqual } from "node:util";
import type { LiveCredential, Identity, ValidityWindow } from "../authenticate/authenticator.js";
import type { DenialCode } from "../protocol.js";
import type { LoadedUsers } from "./loaded.js";
import type { User } from "./users.js";

/** One for all sessions of a file. */
export class UserCredential implements LiveCredential {
  readonly #loaded: LoadedUsers;

  constructor(loaded: LoadedUsers) {
    this.#loaded = loaded;
  }

  get generation(): number {
    return this.#loaded.generation;
  }

  validity(identity: Identity): ValidityWindow | DenialCode {
    const then = identity.verifiedBy as User;
    const now = this.#loaded.users.get(then.username);
    if (now === undefined) return "user_unknown";
    if (now.subject !== then.subject || !now.hash.equals(then.hash)) return "credential_invalid";
    return isDeepStrictEqual(now, then) ? identity : "credential_expired";
  }

  onChange(listener: () => void): () => void {
    return this.#loaded.onChange(listener);
  }
}
