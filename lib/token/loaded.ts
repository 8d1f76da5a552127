/** A ring whose keys are read from elsewhere, again and again: nodes that read from one place trust the same keys. */
import { callListener } from "../callbacks.js";
import { type Duration, refuseUnknownOptions, waitingTime } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { isPromiseLike } from "../callbacks.js";
import type { BoundKey, Key } from "./key.js";
import { boundKeys, inTime, loadError } from "./load.js";
import { type KeyRing, Ring } from "./ring.js";

export interface LoadOptions {
  /** Answers all keys as they should be now, the one that signs first. What it answers after `signal` is aborted counts for nothing. */
  readonly load: (signal: AbortSignal) => readonly Key[] | Promise<readonly Key[]>;
  /** How long after a load the next one begins. @default "1m" */
  readonly every?: Duration;
  /** How long one load may take. @default "10s" */
  readonly timeout?: Duration;
  /** Hears each load that failed; the keys stay as they were. @default a process warning for the first of several in a row */
  readonly failed?: (error: GuardError) => void;
}

/** Made by `keyRing({ load })`. Its `rotate` and `drop` throw GuardError `ring_loaded`: its keys change where they are loaded from. */
export interface LoadedKeyRing extends KeyRing {
  /**
   * Settles with the first load. Unless it is caught, a failure ends the process: a server without keys can let nobody in.
   * @throws GuardError (the promise rejects) `keys_not_loaded`, `load_timeout`, `ring_closed`, and those of `keyRing([...])`
   */
  readonly ready: Promise<void>;
  /**
   * Loads now, or once more after a load that is under way.
   * @throws GuardError (the promise rejects) as `ready` does; the ring is then unchanged
   */
  reload(): Promise<void>;
  /** Loads no more. The keys stay as they are. */
  close(): void;
}

const options = ["load", "every", "timeout", "failed"];

export class LoadedRing extends Ring implements LoadedKeyRing {
  readonly ready: Promise<void>;
  readonly #load: LoadOptions["load"];
  readonly #every: number;
  readonly #timeout: number;
  readonly #failed: LoadOptions["failed"];
  #last: Promise<void>;
  #next: Promise<void> | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;
  #underWay = new AbortController();
  #isClosed = false;
  #isFailing = false;

  constructor(given: LoadOptions) {
    super();
    refuseUnknownOptions(given, options, "keyRing()");
    this.#load = readFunction(given.load, "load") ?? refuseMissing();
    this.#every = waitingTime(given.every ?? "1m", "The every of keyRing()");
    this.#timeout = waitingTime(given.timeout ?? "10s", "The timeout of keyRing()");
    this.#failed = readFunction(given.failed, "failed");
    this.ready = this.#last = this.#loadOnce(true);
  }

  override rotate(): never {
    return refuseChange();
  }

  override drop(): never {
    return refuseChange();
  }

  reload(): Promise<void> {
    // One that is under way may have read too early for whoever asks now.
    this.#next ??= this.#last.catch(() => undefined).then(() => {
      this.#next = undefined;
      return this.#last = this.#loadOnce(false);
    });
    return this.#next;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#underWay.abort(closed());
    // Whoever closes it before it was ready knows why it never will be.
    this.ready.catch(() => undefined);
  }

  /** Runs without a tick if `load` answers no promise: the ring is then ready when it is made. */
  async #loadOnce(isFirst: boolean): Promise<void> {
    if (this.#isClosed) throw closed();
    clearTimeout(this.#timer);
    this.#underWay = new AbortController();
    try {
      const answer = this.#load(this.#underWay.signal);
      // Only the start waits for keys, and keeps the process for it.
      const keys = boundKeys(isPromiseLike(answer) ? await inTime(answer, this.#underWay, this.#timeout, !this.isLoaded) : answer);
      if (!this.isLoaded || !areSame(keys, this.keys)) this.change(keys);
      this.#isFailing = false;
    } catch (error) {
      const problem = loadError(error);
      if (!this.#isClosed) this.#report(problem, isFirst);
      throw problem;
    } finally {
      this.#schedule();
    }
  }

  #report(problem: GuardError, isFirst: boolean): void {
    const failed = this.#failed;
    if (failed) return callListener(() => failed(problem));
    // The first failure is told by `ready`.
    if (!this.#isFailing && !isFirst) process.emitWarning(`${problem.message} The keys stay as they were. Give keyRing() a failed(error) to hear each time why.`, { type: "GuardWarning", code: "KEYS_NOT_LOADED" });
    this.#isFailing = true;
  }

  #schedule(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.reload().catch(() => undefined), this.#every);
    this.#timer.unref();
  }
}

/** Whether they accept and sign the same: then nobody need look at sessions again. */
function areSame(some: readonly BoundKey[], others: readonly BoundKey[]): boolean {
  return some.length === others.length && some.every((key, place) => {
    const other = others[place];
    return key.kid === other?.kid && key.fingerprint === other?.fingerprint && key.algorithm === other.algorithm
      && key.acceptUntil === other.acceptUntil && (key.signing === undefined) === (other.signing === undefined);
  });
}

function closed(): GuardError {
  return new GuardError("ring_closed", "This key ring was closed and loads no more: make another with keyRing({ load }).");
}

function refuseChange(): never {
  throw new GuardError("ring_loaded", "The keys of this ring come from its load(): change them where it reads them, and call reload().");
}

function refuseMissing(): never {
  throw new GuardError("load_invalid", "keyRing() has no load: give a function that answers the keys, such as load: () => [{ kid, secret }].");
}

function readFunction<Given>(given: Given, name: "load" | "failed"): Given {
  if (given === undefined || typeof given === "function") return given;
  throw new GuardError(`${name}_invalid`, `The ${name} of keyRing() is no function: give one, such as ${name === "load" ? "() => [{ kid, secret }]" : "(error) => log(error.message)"}.`);
}
