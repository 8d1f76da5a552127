/** A ring whose keys are read from elsewhere, again and again: nodes that read from one place trust the same keys. */
import { isDeepStrictEqual } from "node:util";
import { readActor } from "../audit/action.js";
import type { ByActor } from "../audit-events.js";
import { callListener, isPromiseLike } from "../callbacks.js";
import { type Duration, callback, duration, errorListener, milliseconds, optional, readOptionsBy, type ReadBy } from "../configuration.js";
import { FailureWarnings } from "../failure-warnings.js";
import { GuardError } from "../guard-error.js";
import { Poller } from "../poller.js";
import { TimeoutError, withTimeout } from "../timeout.js";
import { type BoundKey, type JwtKey, bindKey } from "./key.js";
import { type KeyRing, KeySet, checkKeys, retired } from "./key-ring.js";

/** The options of keyRing(). */
export interface KeyRingOptions {
  /** Returns all keys as they should be now, the one that signs first. A result that comes after `signal` has aborted is ignored. */
  readonly load: ((signal: AbortSignal) => readonly JwtKey[] | Promise<readonly JwtKey[]>) & { readonly issuer?: string };
  /** How often the keys are loaded. @default "1m" */
  readonly pollInterval?: Duration;
  /** How long one load may take. @default "10s" */
  readonly timeout?: Duration;
  /** How long a key that is missing from the loaded keys is still accepted. @default "10m" */
  readonly missingKeyGrace?: Duration;
  /** Called with the error of each load that failed. The keys stay as they were. @default one process warning when loads begin to fail, and one when they succeed again */
  readonly onError?: (error: GuardError) => void;
}

/**
 * Made by `keyRing({ load })`. Its keys change where they are loaded from: `rotate` throws GuardError `ring_loaded`, and so does
 * `revoke` for a key that is still loaded. For a key that is missing, `revoke` ends the grace.
 */
export interface ReloadingKeyRing extends KeyRing {
  /**
   * Settles with the first load. If you do not catch it, a failure ends the process, because a server without keys cannot admit any client.
   * @throws GuardError (the promise rejects) `keys_not_loaded`, `load_timeout`, `ring_closed`, and those of `keyRing([...])`
   */
  readonly ready: Promise<void>;
  /**
   * Loads now. If a load is under way, loads once more after it.
   * @throws GuardError (the promise rejects) as `ready` does; the keys are then unchanged
   */
  reload(): Promise<void>;
  /** Stops loading. The keys stay as they are. */
  close(): void;
}

const options = {
  load: callback<KeyRingOptions["load"]>("that returns the keys, such as () => [{ kid, secret }]"),
  pollInterval: duration("1m"),
  timeout: duration("10s"),
  missingKeyGrace: (given: unknown, name: string) => milliseconds(given ?? "10m", name),
  onError: optional(errorListener<GuardError>()),
};
// Anybody can send tokens with an unknown `kid`: they must not make this node ask its issuer all the time.
const unknownKidInterval = 30_000;

export class ReloadingKeySet extends KeySet implements ReloadingKeyRing {
  readonly ready: Promise<void>;
  readonly #options: ReadBy<typeof options>;
  readonly #warnings = new FailureWarnings({ code: "KEYS_NOT_LOADED", recovered: "The keys of keyRing() can be loaded again." });
  readonly #poller: Poller;
  readonly #closed = new AbortController();
  /** How many of the keys were loaded last. The others are missing, and in their grace. */
  #loadedCount = 0;
  #notReadySince: number | undefined = Date.now();
  #unknownKidAt = -Infinity;
  #unknownKidReload: Promise<void> | undefined = undefined;

  constructor(given: KeyRingOptions) {
    super();
    this.#options = readOptionsBy(options, given, { where: "keyRing()" });
    this.#poller = new Poller({ task: () => this.#loadOnce(), interval: this.#options.pollInterval });
    this.ready = this.#poller.run();
  }

  override get notReadySince(): number | undefined {
    return this.#notReadySince;
  }

  /** A `load` of `discoveryLoader` knows whose keys it loads. */
  override get issuer(): string | undefined {
    return this.#options.load.issuer;
  }

  override rotate(): never {
    return refuseChange();
  }

  override revoke(what: { readonly kid: string }, by?: ByActor): void {
    const who = readActor(by, "revoke()");
    const isRevoked = (key: BoundKey, position: number) => position >= this.#loadedCount && key.kid !== undefined && key.kid === what?.kid;
    const rest = this.keys.filter((key, position) => !isRevoked(key, position));
    if (rest.length === this.keys.length) refuseChange();
    this.replace(rest);
    this.tell("keyRevoked", what, who);
  }

  reload(): Promise<void> {
    return this.#poller.run();
  }

  close(): void {
    this.#poller.stop();
    this.#closed.abort(closedError());
    // The host that closes the ring before it was ready knows why it never will be.
    this.ready.catch(() => undefined);
  }

  override mayLoad(kid: string | undefined): boolean {
    return kid !== undefined && !this.keys.some((key) => key.kid === kid);
  }

  /** At most once in 30 s. All that ask while it is under way share it. */
  override reloadForUnknownKid(): Promise<void> | undefined {
    if (this.#unknownKidReload !== undefined) return this.#unknownKidReload;
    if (Math.abs(Date.now() - this.#unknownKidAt) < unknownKidInterval) return undefined;
    this.#unknownKidAt = Date.now();
    const finished = () => { this.#unknownKidReload = undefined; };
    this.#unknownKidReload = this.reload();
    this.#unknownKidReload.then(finished, finished);
    return this.#unknownKidReload;
  }

  async #loadOnce(): Promise<void> {
    const { load, timeout } = this.#options;
    try {
      this.#closed.signal.throwIfAborted();
      // Only the first load keeps the process alive, because a server cannot start without keys.
      await withTimeout({ ms: timeout, message: "load() took too long", keepAlive: !this.isLoaded, signal: this.#closed.signal }, (signal) => {
        const loaded = load(signal);
        // Keys that come without a promise are there when keyRing() returns.
        if (!isPromiseLike(loaded)) return this.#apply(loaded);
        return loaded.then((keys) => { if (!signal.aborted) this.#apply(keys); });
      });
      this.#warnings.succeeded();
    } catch (error) {
      const problem = loadError(error, timeout);
      if (!this.#poller.isStopped) this.#report(problem);
      throw problem;
    }
  }

  #report(problem: GuardError): void {
    const { onError } = this.#options;
    if (onError !== undefined) callListener(() => onError(problem));
    else this.#warnings.failed(`${problem.message} The keys stay as they were. Give keyRing() an \`onError\` to see the error of each load.`);
  }

  #apply(loaded: readonly JwtKey[]): void {
    const keys = boundKeys(loaded);
    // A missing key comes last, so that it does not sign. It may have the `kid` of a new one.
    const all = [...keys, ...this.#missing(keys)];
    this.#loadedCount = keys.length;
    this.#notReadySince = undefined;
    const before = this.keys;
    if (areSame(all, before)) return;
    this.replace(all);
    if (before.length === 0) return;
    for (const key of without(all, before)) this.tell("keyCreated", key);
    for (const key of without(before, all)) this.tell("keyRevoked", key);
  }

  /** The keys that are no longer loaded. An issuer can publish an incomplete list by mistake, so they are accepted for a while longer. */
  #missing(loaded: readonly BoundKey[]): readonly BoundKey[] {
    const now = Date.now();
    const fingerprints = new Set(loaded.map(({ fingerprint }) => fingerprint));
    const missing = this.keys.filter(({ fingerprint }) => !fingerprints.has(fingerprint));
    return missing.map((key) => retired(key, now + this.#options.missingKeyGrace)).filter(({ acceptUntil }) => now < acceptUntil);
  }
}

function boundKeys(loaded: unknown): readonly BoundKey[] {
  if (!Array.isArray(loaded)) throw new GuardError("option_invalid", "`load` of keyRing() did not return a list of keys. Return one such as [{ kid, secret }].");
  return checkKeys((loaded as readonly JwtKey[]).map(bindKey));
}

/** Whether both accept and sign the same tokens. Then no session needs to be checked again. */
function areSame(some: readonly BoundKey[], others: readonly BoundKey[]): boolean {
  return isDeepStrictEqual(some.map(summary), others.map(summary));
}

function summary({ kid, fingerprint, algorithm, acceptUntil, signing }: BoundKey): object {
  return { kid, fingerprint, algorithm, acceptUntil, canSign: signing !== undefined };
}

function loadError(error: unknown, timeout: number): GuardError {
  if (error instanceof GuardError) return error;
  if (error instanceof TimeoutError) return new GuardError("load_timeout", `The keys of keyRing() could not be loaded: \`load\` took longer than ${timeout} ms. See why it is slow, or set a longer \`timeout\`.`);
  return new GuardError("keys_not_loaded", "The keys of keyRing() could not be loaded: `load` threw an error, which is the `cause` of this one.", { cause: error });
}

/** The keys that the others have not. */
function without(keys: readonly BoundKey[], others: readonly BoundKey[]): readonly BoundKey[] {
  const fingerprints = new Set(others.map(({ fingerprint }) => fingerprint));
  return keys.filter(({ fingerprint }) => !fingerprints.has(fingerprint));
}

function closedError(): GuardError {
  return new GuardError("ring_closed", "This key ring was closed and loads no more keys. Make another with keyRing({ load }).");
}

function refuseChange(): never {
  throw new GuardError("ring_loaded", "The keys of this ring come from its `load`. Change them where it reads them, and call reload().");
}
