/** The keys that are trusted, and how they change while the server runs: rotated, retired, dropped. */
import { KeyObject } from "node:crypto";
import { type Duration, milliseconds, refuseUnknownOptions } from "../configuration.js";
import { GuardError } from "../protocol.js";
import type { Algorithm } from "./algorithms.js";
import { type BoundKey, type Key, bindKey } from "./key.js";
import type { Secret } from "./material.js";

/** A secret, a list of keys of which the first signs, or a ring of them that can change. */
export type { Key };

export type Keys = Secret | readonly Key[] | KeyRing;

/** Made by `keyRing`: the first key signs; each verifies until its `acceptUntil`. */
export interface KeyRing {
  /** Grows with every change. */
  readonly generation: number;
  /**
   * Puts a new key first. Those before it are accepted for `grace` more, and never longer than before; with `grace: 0` the
   * sessions that their tokens opened end at once. `grace` has no default: how long old tokens live is the host's decision.
   * Keys that are past their `acceptUntil` leave the ring.
   * @throws GuardError as `keyRing` does; the ring is then unchanged
   */
  rotate(key: Key, options: { readonly grace: Duration }): void;
  /**
   * Takes a key out at once, with the sessions that its tokens opened.
   * @throws GuardError `kid_unknown`, or `keys_empty` for the last one
   */
  drop(kid: string): void;
  /** Calls back after each change; answers how to stop. */
  onChange(listener: () => void): () => void;
}

/**
 * A ring of keys, each bound to exactly one algorithm. A token without `kid` is tried against each that fits its algorithm.
 * @param options.clock epoch milliseconds, what `grace` is counted from, the same as that of `jwt()`; default `Date.now`
 * @throws GuardError `keys_empty`, `kid_duplicate`, `key_duplicate`, and those of one key (key.ts, material.ts)
 */
export function keyRing(keys: readonly Key[], options: { readonly clock?: () => number } = {}): KeyRing {
  refuseUnknownOptions(options, ["clock"], "keyRing()");
  if (!Array.isArray(keys)) {
    throw new GuardError("keys_invalid", "keyRing() takes a list of keys: write keyRing([{ kid, secret }]).");
  }
  return new Ring(keys.map(bindKey), options.clock ?? Date.now);
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

/** The ring as the rest of token/ sees it; a host sees a KeyRing. */
export class Ring implements KeyRing {
  #keys: readonly BoundKey[];
  #generation = 0;
  readonly #listeners = new Set<() => void>();
  readonly #clock: () => number;

  constructor(keys: readonly BoundKey[], clock: () => number) {
    this.#keys = checked(keys);
    this.#clock = clock;
  }

  get generation(): number {
    return this.#generation;
  }

  get keys(): readonly BoundKey[] {
    return this.#keys;
  }

  rotate(key: Key, options: { readonly grace: Duration }): void {
    const now = this.#clock();
    const until = now + milliseconds(options?.grace, "grace");
    const kept = this.#keys.filter((old) => now < old.acceptUntil);
    const retired = kept.map((old) => Object.freeze({ ...old, acceptUntil: Math.min(old.acceptUntil, until) }));
    this.#change([bindKey(key), ...retired]);
  }

  drop(kid: string): void {
    const rest = this.#keys.filter((key) => key.kid !== kid);
    if (kid === undefined || rest.length === this.#keys.length) {
      throw new GuardError("kid_unknown", "No key of the ring has this kid: give the kid of one that is in it.");
    }
    this.#change(rest);
  }

  onChange(listener: () => void): () => void {
    const own = () => listener();
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** The keys that may have signed a token whose header says this. Those past `acceptUntil` are among them: their tokens are told that they expired. */
  candidates(algorithm: string, kid: string | undefined): BoundKey[] {
    return this.#keys.filter((key) => serves(key, algorithm, kid));
  }

  /** The key of the same material as it is in the ring now, if it still serves such tokens. */
  current(key: BoundKey, kid: string | undefined): BoundKey | undefined {
    return this.#keys.find((now) => now.fingerprint === key.fingerprint && serves(now, key.algorithm, kid));
  }

  #change(keys: readonly BoundKey[]): void {
    this.#keys = checked(keys);
    this.#generation++;
    for (const listener of [...this.#listeners]) callApart(listener);
  }
}

/** A listener that throws keeps no other from hearing of a dropped key: its error surfaces on its own. */
function callApart(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}

function serves(key: BoundKey, algorithm: string, kid: string | undefined): boolean {
  return key.algorithm === algorithm && (key.kid === undefined || kid === undefined || key.kid === kid);
}

function checked(keys: readonly BoundKey[]): readonly BoundKey[] {
  if (keys.length === 0) {
    throw new GuardError("keys_empty", "The key ring would have no key: keep at least one, or rotate to a new key with grace: 0.");
  }
  const kids = keys.flatMap((key) => key.kid ?? []);
  if (new Set(kids).size < kids.length) {
    throw new GuardError("kid_duplicate", "Two keys of the ring have the same kid: give each its own.");
  }
  if (new Set(keys.map((key) => key.fingerprint)).size < keys.length) {
    throw new GuardError("key_duplicate", "Two keys of the ring are the same key: keep one of them, with one algorithm.");
  }
  return Object.freeze([...keys]);
}
