/** The keys that a backend signs with, as options of `signer()`: the current one, and earlier ones that still count. */
import { refuseUnknownOptions } from "../configuration.js";
import { GuardError } from "../guard-error.js";

/** A key that a backend signs with. */
export interface SigningKey {
  /** The public name of the key: 1 to 128 letters, digits or `_.-`. Every signature contains it. */
  readonly key: string | undefined;
  /** At least 20 bytes. */
  readonly secret: string | undefined;
}

/** A key that a backend has signed with before. */
export interface PreviousKey extends SigningKey {
  /** Until when its signatures count: epoch milliseconds or a Date. Without it they have no end. */
  readonly acceptUntil?: number | Date;
}

/** The options of signer(). */
export interface SignerOptions extends SigningKey {
  /** Earlier keys whose signatures are still accepted: until `acceptUntil` (epoch milliseconds or a Date), or without an end. */
  readonly previous?: readonly PreviousKey[];
}

/** A key that was read from the options. */
export interface AcceptedKey {
  readonly key: string;
  readonly secret: string;
  /** Epoch milliseconds, or `Infinity`. */
  readonly acceptUntil: number;
}

/** The current key, which signs, and then the earlier ones. */
export type AcceptedKeys = readonly [current: AcceptedKey, ...previous: AcceptedKey[]];

/** @throws GuardError `option_invalid`, `option_unknown`, `secret_too_short` */
export function readKeys(options: SignerOptions): AcceptedKeys {
  if (typeof options !== "object" || options === null) throw invalid("signer() takes an object: signer({ key, secret }).");
  refuseUnknownOptions(options, ["key", "secret", "previous"], "signer()");
  const { previous = [], ...current } = options;
  const accepted = [current, ...previous].map(readKey);
  if (new Set(accepted.map(({ key }) => key)).size < accepted.length) throw invalid("Two keys of signer() have the same `key`. Give each key its own name.");
  return Object.freeze(accepted) as AcceptedKeys;
}

function readKey({ key, secret, acceptUntil = Infinity, ...more }: PreviousKey): AcceptedKey {
  refuseUnknownOptions(more, ["key", "secret", "acceptUntil"], "A key of signer()");
  if (typeof key !== "string" || !/^[\w.-]{1,128}$/.test(key)) throw invalid("`key` of signer() must be a name of 1 to 128 letters, digits or `_.-`.");
  if (typeof secret !== "string") throw invalid("`secret` of signer() must be a string of at least 20 bytes.");
  if (Buffer.byteLength(secret) < 20) throw new GuardError("secret_too_short", "`secret` of signer() has less than 20 bytes. Create one with `openssl rand -hex 32`.");
  const until = Number(acceptUntil);
  if (Number.isNaN(until)) throw invalid("`acceptUntil` of signer() must be a Date or epoch milliseconds.");
  return Object.freeze({ key, secret, acceptUntil: until });
}

export function invalid(message: string): GuardError {
  return new GuardError("option_invalid", message);
}
