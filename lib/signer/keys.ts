/** The keys that a backend signs with, as options of `signer()`: the current one, and earlier ones that still count. */
import { refuseUndefined, refuseUnknownOptions } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { invalid } from "./invalid.js";
import { readMasterKey } from "./master-key.js";

/** A key that a backend signs with. */
export interface SigningKey {
  /** The public name of the key: 1 to 128 letters, digits or `_.-`. Every signature contains it. */
  readonly key: string | undefined;
  /** At least 20 bytes. */
  readonly secret: string | undefined;
  /** The master key of `private-encrypted-*` rooms: 32 bytes, or their base64. Only those who encrypt, decrypt or hand out shared secrets need it. */
  readonly encryptionMasterKey?: string | Uint8Array | undefined;
}

/** A key that a backend has signed with before. */
export interface PreviousKey extends SigningKey {
  /** Until when its signatures count and its master key decrypts: epoch milliseconds or a Date. Without it there is no end. */
  readonly acceptUntil?: number | Date;
}

/** The options of signer(). */
export interface SignerOptions extends SigningKey {
  /** Earlier keys whose signatures are still accepted and whose master keys still decrypt: until `acceptUntil` (epoch milliseconds or a Date), or without an end. */
  readonly previous?: readonly PreviousKey[];
}

/** A key that was read from the options. */
export interface AcceptedKey {
  readonly key: string;
  readonly secret: string;
  readonly masterKey: Uint8Array | undefined;
  /** Epoch milliseconds, or `Infinity`. */
  readonly acceptUntil: number;
}

/** The current key, which signs, and then the earlier ones. */
export type AcceptedKeys = readonly [current: AcceptedKey, ...previous: AcceptedKey[]];

/** @throws GuardError `option_invalid`, `option_unknown`, `option_undefined`, `secret_too_short` */
export function readKeys(options: SignerOptions): AcceptedKeys {
  if (typeof options !== "object" || options === null) throw invalid("signer() takes an object: signer({ key, secret }).");
  refuseUnknownOptions(options, ["key", "secret", "encryptionMasterKey", "previous"], "signer()");
  const { previous = [], ...current } = options;
  const accepted = [current, ...previous].map(readKey);
  if (new Set(accepted.map(({ key }) => key)).size < accepted.length) throw invalid("Two keys of signer() have the same `key`. Give each key its own name.");
  return Object.freeze(accepted) as AcceptedKeys;
}

function readKey(given: PreviousKey): AcceptedKey {
  const { key, secret, encryptionMasterKey, acceptUntil = Infinity } = given;
  refuseUnknownOptions(given, ["key", "secret", "encryptionMasterKey", "acceptUntil"], "A key of signer()");
  refuseUndefined(given, ["encryptionMasterKey"], "A key of signer()");
  if (typeof key !== "string" || !/^[\w.-]{1,128}$/.test(key)) throw invalid("`key` of signer() must be a name of 1 to 128 letters, digits or `_.-`.");
  if (typeof secret !== "string") throw invalid("`secret` of signer() must be a string of at least 20 bytes.");
  if (Buffer.byteLength(secret) < 20) throw new GuardError("secret_too_short", "`secret` of signer() has less than 20 bytes. Create one with `openssl rand -hex 32`.");
  const until = Number(acceptUntil);
  if (Number.isNaN(until)) throw invalid("`acceptUntil` of signer() must be a Date or epoch milliseconds.");
  return Object.freeze({ key, secret, acceptUntil: until, masterKey: encryptionMasterKey === undefined ? undefined : readMasterKey(encryptionMasterKey) });
}
