/** Keeps sessions of a user file valid as long as their user is in the file and unchanged. */
import { isDeepStrictEqual } from "node:util";
import type { LiveCredential, GuardIdentity, ValidityWindow } from "../authenticate/authenticator.js";
import type { DenialCode } from "../protocol.js";
import type { User } from "./users.js";
import type { WatchedUsers } from "./watched-users.js";

/** All sessions of a file share one. */
export class UserCredential implements LiveCredential {
  readonly #file: WatchedUsers;

  constructor(file: WatchedUsers) {
    this.#file = file;
  }

  get generation(): number {
    return this.#file.changes.generation;
  }

  /** A user whose roles or data changed logs in again with the same password, and gets what the file says now. */
  validity(identity: GuardIdentity): ValidityWindow | DenialCode {
    const then = identity.verifiedBy as User;
    const now = this.#file.users.get(then.username);
    if (now === undefined) return "user_unknown";
    if (now.subject !== then.subject || !now.hash.equals(then.hash)) return "credential_invalid";
    return isDeepStrictEqual(now, then) ? identity : "credential_expired";
  }

  onChange(listener: () => void): () => void {
    return this.#file.changes.onChange(listener);
  }
}
