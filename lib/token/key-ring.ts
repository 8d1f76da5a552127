/** The keys that are trusted, and how they change while the server runs. */
import { readActor } from "../audit/action.js";
import type { ByActor } from "../audit-events.js";
import { ChangeSource } from "../change-source.js";
import { type Duration, milliseconds } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { keyChanged } from "../key-changes.js";
import { type BoundKey, type JwtKey, bindKey } from "./key.js";

/** Made by `keyRing`. The first key signs. Each key verifies until its `acceptUntil`. */
export interface KeyRing {
  /** Grows with every change. */
  readonly generation: number;
  /**
   * Puts a new key first. The keys before it are accepted for `grace` more, and never longer than before. With `grace: 0`,
   * the sessions that their tokens opened end at once. Keys that are past their `acceptUntil` leave the ring.
   * @throws GuardError as `keyRing` does; the ring is then unchanged
   */
  rotate(key: JwtKey, options: { readonly grace: Duration } & ByActor): void;
  /**
   * Removes a key at once, and ends the sessions that its tokens opened.
   * @throws GuardError `kid_unknown`, or `keys_empty` for the last key
   */
  revoke(what: { readonly kid: string }, by?: ByActor): void;
  /** Calls back after each change. Returns a function that stops this. */
  onChange(listener: () => void): () => void;
}

/** A KeyRing with what the rest of this folder needs of it. */
export class KeySet extends ChangeSource implements KeyRing {
  #keys: readonly BoundKey[];

  /** Without keys, it is a ring that is not loaded yet. */
  constructor(keys?: readonly BoundKey[]) {
    super();
    this.#keys = keys === undefined ? [] : checkKeys(keys);
  }

  /** A ring without keys can neither accept nor refuse a token. */
  get isLoaded(): boolean {
    return this.#keys.length > 0;
  }

  /** When it became unable to verify tokens, in epoch milliseconds. Undefined while it can. */
  get notReadySince(): number | undefined {
    return undefined;
  }

  /** Who issues the tokens that its keys sign. Undefined if that is not known. */
  get issuer(): string | undefined {
    return undefined;
  }

  get keys(): readonly BoundKey[] {
    return this.#keys;
  }

  rotate(key: JwtKey, options: { readonly grace: Duration } & ByActor): void {
    const now = Date.now();
    const who = readActor(options?.actor === undefined ? {} : { actor: options.actor }, "rotate()");
    const until = now + milliseconds(options?.grace, "grace");
    const kept = this.#keys.filter((old) => now < old.acceptUntil);
    const first = bindKey(key);
    this.replace(checkKeys([first, ...kept.map((old) => retired(old, until))]));
    this.tell("keyRotated", first, who);
  }

  revoke(what: { readonly kid: string }, by?: ByActor): void {
    const who = readActor(by, "revoke()");
    const kid: unknown = what?.kid;
    const rest = this.#keys.filter((key) => key.kid !== kid);
    if (kid === undefined || rest.length === this.#keys.length) {
      throw new GuardError("kid_unknown", "No key of the ring has this `kid`. Write revoke({ kid }) with that of one of its keys.");
    }
    this.replace(checkKeys(rest));
    this.tell("keyRevoked", { kid: what.kid }, who);
  }

  /** Tells the guards that use this ring. */
  protected tell(type: "keyCreated" | "keyRotated" | "keyRevoked", { kid }: Pick<BoundKey, "kid">, who: ByActor = {}): void {
    keyChanged(this, type, { kind: "signingKey", ...(kid !== undefined && { keyId: kid }), ...who });
  }

  /** The keys that may have signed a token with this header. Keys past `acceptUntil` are included: their tokens are refused as expired. */
  candidates(algorithm: string, kid: string | undefined): readonly BoundKey[] {
    return this.#keys.filter((key) => serves(key, algorithm, kid));
  }

  /** Whether a key of this `kid` may be found by loading the keys again. */
  mayLoad(_kid: string | undefined): boolean {
    return false;
  }

  /** Loads the keys again because of an unknown `kid`. Undefined if that cannot be done now. */
  reloadForUnknownKid(): Promise<void> | undefined {
    return undefined;
  }

  /** The same key as it is in the ring now, if it still verifies tokens of this `kid`. */
  current(key: BoundKey, kid: string | undefined): BoundKey | undefined {
    return this.#keys.find((now) => now.fingerprint === key.fingerprint && serves(now, key.algorithm, kid));
  }

  protected replace(keys: readonly BoundKey[]): void {
    this.#keys = keys;
    this.changed();
  }
}

/** The key, accepted until this instant at the latest. */
export function retired(key: BoundKey, until: number): BoundKey {
  return until < key.acceptUntil ? Object.freeze({ ...key, acceptUntil: until }) : key;
}

function serves(key: BoundKey, algorithm: string, kid: string | undefined): boolean {
  return key.algorithm === algorithm && (key.kid === undefined || kid === undefined || key.kid === kid);
}

/** @throws GuardError `keys_empty`, `key_duplicate` */
export function checkKeys(keys: readonly BoundKey[]): readonly BoundKey[] {
  if (keys.length === 0) {
    throw new GuardError("keys_empty", "The key ring would have no key. Keep at least one, or rotate to a new key with grace: 0.");
  }
  const kids = keys.flatMap((key) => key.kid ?? []);
  if (new Set(kids).size < kids.length) {
    throw new GuardError("key_duplicate", "Two keys of the ring have the same `kid`. Give each its own.");
  }
  if (new Set(keys.map((key) => key.fingerprint)).size < keys.length) {
    throw new GuardError("key_duplicate", "Two keys of the ring are the same key. Keep one of them, with one algorithm.");
  }
  return keys;
}
