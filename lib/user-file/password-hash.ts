/** Password hashes of user files: argon2id or bcrypt, at a cost that a server can pay. */
import type * as Argon2 from "@node-rs/argon2";
import type * as Bcrypt from "@node-rs/bcrypt";
import { GuardError } from "../guard-error.js";
import { requirePackage } from "../optional-package.js";

/** The length of a password, in bytes of UTF-8. */
export const maxPasswordBytes = 1_024;

const neededArgon2 = () => requirePackage<typeof Argon2>("@node-rs/argon2", "An argon2id hash");
const neededBcrypt = () => requirePackage<typeof Bcrypt>("@node-rs/bcrypt", "A bcrypt hash");

/** Makes a hash with the first parameters that OWASP recommends for argon2id. It takes about 50 ms and 19 MiB. */
export function hashPassword(password: string): Promise<string> {
  return neededArgon2().hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
}

// A salt of 8 to 64 bytes and a hash of 16 to 64 bytes.
const argon2id = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;
const bcrypt = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/** bcrypt ignores the bytes after these, and everything after a NUL. */
const maxBcryptBytes = 72;

export class PasswordHash {
  /** Whether it costs less than OWASP recommends. */
  readonly isWeak: boolean;
  readonly #text: string;
  readonly #verify: (password: string, hash: string) => Promise<boolean>;

  /** @throws GuardError `user_file_invalid`, `package_missing`, `package_broken` */
  constructor(text: unknown) {
    const given = typeof text === "string" ? text : "";
    const parameters = argon2id.exec(given);
    const cost = bcrypt.exec(given)?.[1];
    if (parameters !== null) {
      const [memory, time, lanes] = parameters.slice(1, 4).map(Number) as [number, number, number];
      refuseCost(memory < 8 * lanes || memory > 262_144 || time < 1 || time > 16 || lanes < 1 || lanes > 16, "64 KiB to 256 MiB, t from 1 to 16 and p from 1 to 16");
      refuseUnreadable(parameters[4]!, parameters[5]!);
      this.isWeak = memory < 7_168 || memory * time < 35_840;
      const { verify } = neededArgon2();
      this.#verify = (password, hash) => verify(hash, password);
    } else if (cost !== undefined) {
      refuseCost(Number(cost) < 4 || Number(cost) > 15, "cost 4 to 15");
      this.isWeak = Number(cost) < 10;
      const { verify } = neededBcrypt();
      this.#verify = async (password, hash) => !password.includes("\0") && Buffer.byteLength(password) <= maxBcryptBytes && verify(password, hash);
    } else {
      throw new GuardError("user_file_invalid", "has a password that is not an argon2id or bcrypt hash. Make one with npx socket.io-guard hash");
    }
    this.#text = given;
  }

  verify(password: string): Promise<boolean> {
    return this.#verify(password, this.#text);
  }

  equals(other: PasswordHash): boolean {
    return this.#text === other.#text;
  }
}

function refuseCost(isAbsurd: boolean, allowed: string): void {
  if (isAbsurd) throw new GuardError("user_file_invalid", `has a password hash whose cost is too low or too high. Allowed are ${allowed}. Make another with npx socket.io-guard hash`);
}

/** Decoders disagree about malformed base64. Without this check, the login would fail and not the start. */
function refuseUnreadable(...parts: string[]): void {
  if (parts.every((part) => Buffer.from(part, "base64").toString("base64").replace(/=+$/, "") === part)) return;
  throw new GuardError("user_file_invalid", "has a password hash that was cut or changed. Make another with npx socket.io-guard hash");
}
