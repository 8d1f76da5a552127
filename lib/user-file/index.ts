/** socket.io-guard/user-file: who connects is whom a file of users names, and has that user's password. */
import type { Authenticator, Handshake, Identity } from "../authenticate/authenticator.js";
import { denial, isDenial } from "../protocol.js";
import { UserCredential } from "./credential.js";
import { LoadedUsers } from "./loaded.js";
import { Logins } from "./login.js";
import { readUserFileOptions, type UserFileOptions } from "./options.js";
import type { User } from "./users.js";

export type { UserFileOptions } from "./options.js";

/** What rules see of a user of the file. */
export interface UserFileClaims<Role extends string = string> {
  /** The user's `id` in the file, else the username. */
  readonly sub: string;
  readonly username: string;
  readonly roles: readonly Role[];
}

/** An authenticator whose users can change while it runs. */
export interface UserFile<Role extends string = string> extends Authenticator<UserFileClaims<Role>> {
  readonly name: "file";
  /**
   * Reads the file now, or once more after a read that is under way.
   * @throws GuardError (the promise rejects) as `userFile` does, or `user_file_closed`; the users then stay as they were
   */
  reload(): Promise<void>;
  /** Reads the file no more. The users stay as they are. */
  close(): void;
}

/**
 * Authenticates by `handshake.auth.username` and `handshake.auth.password`; a handshake without a username is left to
 * the next authenticator. The file is read now, and again whenever it changes: who is not in it any more, or has another
 * password, loses the sessions; whose roles or data changed must connect again. A file that cannot be used later leaves
 * the users as they were.
 * @throws GuardError `option_unknown`, `option_invalid`, `duration_invalid`; `user_file_unreadable`, `user_file_invalid`,
 * `user_file_too_large`; `package_missing` if the file needs a package that is not installed
 */
export function userFile<const Role extends string = string>(options: UserFileOptions<Role>): UserFile<Role> {
  const config = readUserFileOptions(options);
  const users = new LoadedUsers(config);
  const credential = new UserCredential(users);
  const logins = new Logins(users, config);

  async function authenticate({ auth, signal }: Handshake): Promise<Identity<UserFileClaims<Role>> | ReturnType<typeof denial>> {
    const { username, password } = auth;
    if (typeof username !== "string" || typeof password !== "string") {
      return denial("credential_malformed", { message: "A username and a password must be strings. Sign in again." });
    }
    const user = await logins.signIn(username, password, signal);
    return isDenial(user) ? user : identityOf<Role>(user, credential, config.sessionLifetime);
  }

  return Object.freeze<UserFile<Role>>({
    name: "file",
    reads: Object.freeze({ auth: ["username", "password"] }),
    maxLifetime: config.sessionLifetime,
    accountOf: ({ auth: { username } }) => typeof username === "string" ? username : undefined,
    // What is there and no string is refused: a bad credential never becomes a guest.
    authenticate: (handshake) => handshake.auth["username"] == null ? undefined : authenticate(handshake),
    reload: () => users.reload(),
    close: () => users.close(),
  });
}

function identityOf<Role extends string>(user: User, credential: UserCredential, sessionLifetime: number): Identity<UserFileClaims<Role>> {
  const { subject, claims, clientData, serverData } = user;
  const now = Date.now();
  return Object.freeze({
    method: "file", subject, claims: claims as UserFileClaims<Role>, issuedAt: now, notBefore: -Infinity, endsAt: now + sessionLifetime, credential, verifiedBy: user,
    ...(clientData !== undefined && { clientData }),
    ...(serverData !== undefined && { serverData }),
  });
}
