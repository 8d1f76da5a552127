/** How a host gives keys: a secret, a list, a ring that it changes itself, or a ring that loads them. */
import { KeyObject } from "node:crypto";
import { GuardError } from "../guard-error.js";
import type { Algorithm } from "./algorithms.js";
import { type Key, bindKey } from "./key.js";
import { type LoadedKeyRing, LoadedRing, type LoadOptions } from "./loaded.js";
import type { Secret } from "./material.js";
import { type KeyRing, Ring } from "./ring.js";

/** A secret, a list of keys of which the first signs, or a ring of them that can change. */
export type { Key, KeyRing, LoadedKeyRing, LoadOptions };

export type Keys = Secret | readonly Key[] | KeyRing;

/**
 * A ring of keys, each bound to exactly one algorithm. A token without `kid` is tried against each that fits its algorithm.
 * @throws GuardError `keys_empty`, `kid_duplicate`, `key_duplicate`, and those of one key (key.ts, material.ts)
 */
export function keyRing(keys: readonly Key[]): KeyRing;
/**
 * A ring whose keys come from `load`, at once and then every `every`: nodes that load from one place change keys without a restart.
 * Until the first keys are there, tokens are refused as `unavailable`, for a later try. Await `ready` before the server listens.
 * @throws GuardError `load_invalid`, `failed_invalid`, `option_unknown`, `option_invalid`
 */
export function keyRing(options: LoadOptions): LoadedKeyRing;
export function keyRing(given: readonly Key[] | LoadOptions): KeyRing {
  if (Array.isArray(given)) return new Ring((given as readonly Key[]).map(bindKey));
  if (typeof given === "object" && given !== null && "load" in given) return new LoadedRing(given);
  throw new GuardError("keys_invalid", "keyRing() takes a list of keys, or where to load them from: write keyRing([{ kid, secret }]), or keyRing({ load }).");
}

/**
 * The ring behind the `keys` option of `jwt()`. A secret alone is bound to the one algorithm that `algorithms` names.
 * @throws GuardError `keys_missing`, `keys_invalid`, and those of `keyRing`
 */
export function ringOf(keys: unknown, algorithms?: readonly Algorithm[]): Ring {
  if (keys instanceof Ring) return keys;
  if (keys === undefined || keys === null || keys === "") {
    throw new GuardError("keys_missing", "jwt() has no keys: set LOCAL_JWT_SECRET to at least 32 random bytes, for example with `openssl rand -base64 48`.");
  }
  if (Array.isArray(keys)) return keyRing(keys as Key[]) as Ring;
  if (typeof keys === "string" || keys instanceof Uint8Array || keys instanceof KeyObject) {
    const only = algorithms?.length === 1 ? algorithms[0] : undefined;
    return keyRing([{ secret: keys, ...(only && { algorithm: only }) }]) as Ring;
  }
  throw new GuardError("keys_invalid", "jwt() cannot read its keys: give a secret, a list such as [{ publicKey, algorithm: \"RS256\" }], or a keyRing([...]).");
}

