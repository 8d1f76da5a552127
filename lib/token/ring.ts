/** The keys that are trusted, and how they change while the server runs: rotated, retired, dropped, replaced. */
import { callListener } from "../callbacks.js";
import { type Duration, milliseconds } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { type BoundKey, type Key, bindKey } from "./key.js";

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

/** The ring as the rest of token/ sees it; a host sees a KeyRing. */
export class Ring implements KeyRing {
  #keys: readonly BoundKey[];
  #generation = 0;
  readonly #listeners = new Set<() => void>();

  /** Without keys, it stands for one that is not loaded yet. */
  constructor(keys?: readonly BoundKey[]) {
    this.#keys = keys === undefined ? [] : checked(keys);
  }

  /** Before its keys are known, a ring can neither accept nor refuse a token. */
  get isLoaded(): boolean {
    return this.#keys.length > 0;
  }

  get generation(): number {
    return this.#generation;
  }

  get keys(): readonly BoundKey[] {
    return this.#keys;
  }

  rotate(key: Key, options: { readonly grace: Duration }): void {
    const now = Date.now();
    const until = now + milliseconds(options?.grace, "grace");
    const kept = this.#keys.filter((old) => now < old.acceptUntil);
    const retired = kept.map((old) => Object.freeze({ ...old, acceptUntil: Math.min(old.acceptUntil, until) }));
    this.change([bindKey(key), ...retired]);
  }

  drop(kid: string): void {
    const rest = this.#keys.filter((key) => key.kid !== kid);
    if (kid === undefined || rest.length === this.#keys.length) {
      throw new GuardError("kid_unknown", "No key of the ring has this kid: give the kid of one that is in it.");
    }
    this.change(rest);
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

  protected change(keys: readonly BoundKey[]): void {
    this.#keys = checked(keys);
    this.#generation++;
    for (const listener of [...this.#listeners]) callListener(listener);
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
