/** socket.io-guard/user-file: users log in with a username and a password of a file. */
import { isDeepStrictEqual } from "node:util";
import type { Authenticator, GuardHandshake, GuardIdentity, LiveCredential, ValidityWindow } from "../authenticate/authenticator.js";
import type { DenialCode } from "../protocol.js";
import { refuse, Refusal } from "../refusal.js";
import { Logins } from "./login.js";
import { readUserFileOptions, type UserFileOptions } from "./options.js";
import type { User, UsersByName } from "./users.js";
import { WatchedUsers } from "./watched-users.js";

export type { UserFileOptions } from "./options.js";

/** What rules see of a user of the file. */
export interface UserFileClaims<Role extends string = string> {
  /** The user's `id` in the file, or the username if there is none. */
  readonly sub: string;
  readonly username: string;
  readonly roles: readonly Role[];
}

/** An authenticator whose users can change while the server runs. */
export interface UserFile<Role extends string = string> extends Authenticator<UserFileClaims<Role>> {
  readonly name: "userFile";
  /**
   * Reads the file now. If a read is under way, one more follows it.
   * @throws GuardError (the promise rejects) as `userFile` does, or `user_file_closed`; the users then stay as they were
   */
  reload(): Promise<void>;
  /** Stops reading the file. The users stay as they are. */
  close(): void;
}

const malformed = refuse("credential_malformed", { message: "A username and a password must be strings. Sign in again.", reason: "its username or its password is not a string" });

/**
 * Authenticates by `handshake.auth.username` and `handshake.auth.password`. A handshake without a username is left to the
 * next authenticator. The file is read at the start and whenever it changes: users who were removed from it, or whose
 * password changed, lose their sessions; users whose roles or data changed must log in again. A file that cannot be used
 * stops the start; later, it leaves the users as they were.
 * @throws GuardError `option_unknown`, `option_invalid`; `user_file_unreadable`, `user_file_invalid`,
 * `user_file_too_large`; `package_missing` if the file needs a package that is not installed
 */
export function userFile<const Role extends string = string>(options: UserFileOptions<Role>): UserFile<Role> {
  const config = readUserFileOptions(options);
  const file = new WatchedUsers(config);
  const credential = credentialOf(file);
  const logins = new Logins(file, config);

  async function authenticate({ auth: { username, password }, signal }: GuardHandshake): Promise<GuardIdentity<UserFileClaims<Role>> | Refusal> {
    if (typeof username !== "string" || typeof password !== "string") return malformed;
    const user = await logins.logIn(username, password, signal);
    return user instanceof Refusal ? user : identityOf<Role>(user, credential, config.sessionLifetime);
  }

  return Object.freeze<UserFile<Role>>({
    name: "userFile",
    reads: Object.freeze({ auth: ["username", "password"] }),
    maxLifetime: config.sessionLifetime,
    accountOf: ({ auth: { username } }) => typeof username === "string" ? username : undefined,
    // A username that is not a string is refused and not passed on: a bad credential never becomes a guest.
    authenticate: (handshake) => handshake.auth["username"] == null ? undefined : authenticate(handshake),
    reload: () => file.reload(),
    close: () => file.close(),
  });
}

function identityOf<Role extends string>(user: User, credential: LiveCredential, sessionLifetime: number): GuardIdentity<UserFileClaims<Role>> {
  const { subject, claims, clientData, serverData } = user;
  const now = Date.now();
  return Object.freeze({
    method: "userFile", subject, claims: claims as UserFileClaims<Role>, issuedAt: now, notBefore: -Infinity, endsAt: now + sessionLifetime, expiredCode: "credential_expired", credential, verifiedBy: user,
    ...(clientData !== undefined && { clientData }),
    ...(serverData !== undefined && { serverData }),
  });
}

/** Keeps sessions valid as long as their user is in the file and unchanged. All sessions of a file share one. */
function credentialOf(file: WatchedUsers): LiveCredential {
  return {
    get generation() { return file.changes.generation; },
    validity: (identity) => validityOf(identity, file.users),
    onChange: (listener) => file.changes.onChange(listener),
  };
}

/** A user whose roles or data changed logs in again with the same password, and gets what the file says now. */
function validityOf(identity: GuardIdentity, users: UsersByName): ValidityWindow | DenialCode {
  const then = identity.verifiedBy as User;
  const now = users.get(then.username);
  if (now === undefined) return "user_unknown";
  if (now.subject !== then.subject || !now.hash.equals(then.hash)) return "credential_invalid";
  return isDeepStrictEqual(now, then) ? identity : "credential_expired";
}
