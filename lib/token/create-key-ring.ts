/** How a host gives keys: as a secret, as a list, as a ring that it changes itself, or as a ring that loads them. */
import { KeyObject } from "node:crypto";
import { GuardError } from "../guard-error.js";
import type { Algorithm } from "./algorithms.js";
import { type JwtKey, bindKey } from "./key.js";
import type { Secret } from "./key-import.js";
import { type KeyRing, KeySet } from "./key-ring.js";
import { type KeyRingOptions, type ReloadingKeyRing, ReloadingKeySet } from "./reloading-key-ring.js";

export type { JwtKey, KeyRing, KeyRingOptions, ReloadingKeyRing };

/** A secret, a list of keys of which the first signs, or a key ring. */
export type Keys = Secret | readonly JwtKey[] | KeyRing;

/**
 * A ring of keys, each bound to exactly one algorithm. A token without `kid` is tried against each key of its algorithm.
 * @throws GuardError `keys_empty`, `key_duplicate`, and those of a wrong key: `option_invalid`, `algorithm_unfit`, `secret_too_short`, ...
 */
export function keyRing(keys: readonly JwtKey[]): KeyRing;
/**
 * A ring whose keys come from `load`, at once and then every `pollInterval`. Nodes that load from one place change keys without a restart.
 * Until the first keys are loaded, tokens are refused as `unavailable`. Await `ready` before the server listens.
 * @throws GuardError `option_missing`, `option_invalid`, `option_unknown`
 */
export function keyRing(options: KeyRingOptions): ReloadingKeyRing;
export function keyRing(given: readonly JwtKey[] | KeyRingOptions): KeyRing {
  if (Array.isArray(given)) return new KeySet((given as readonly JwtKey[]).map(bindKey));
  if (typeof given === "object" && given !== null && "load" in given) return new ReloadingKeySet(given);
  throw new GuardError("option_invalid", "keyRing() takes a list of keys or an object with `load`: write keyRing([{ kid, secret }]) or keyRing({ load }).");
}

/**
 * The ring for the `keys` option of `jwt()`. A secret alone is bound to the one algorithm that `algorithms` names.
 * @throws GuardError `option_missing`, `option_invalid`, and those of `keyRing`
 */
export function keySetOf(keys: unknown, algorithms?: readonly Algorithm[]): KeySet {
  if (keys instanceof KeySet) return keys;
  if (keys === undefined || keys === null || keys === "") {
    throw new GuardError("option_missing", "jwt() has no `keys`. Give a secret of at least 32 bytes, for example from an environment variable, made with `openssl rand -base64 48`.");
  }
  if (Array.isArray(keys)) return keyRing(keys as JwtKey[]) as KeySet;
  if (typeof keys === "string" || keys instanceof Uint8Array || keys instanceof KeyObject) {
    const only = algorithms?.length === 1 ? algorithms[0] : undefined;
    return keyRing([{ secret: keys, ...(only && { algorithm: only }) }]) as KeySet;
  }
  throw new GuardError("option_invalid", "`keys` of jwt() must be a secret, a list such as [{ publicKey, algorithm: \"RS256\" }], or a keyRing([...]).");
}
