/** The lookups that handshakes wait for or that sessions depend on: one for each request body. */
import type { Identity } from "../authenticate/authenticator.js";
import { callListener } from "../callbacks.js";
import { FailureWarnings } from "../failure-warnings.js";
import { GuardError } from "../guard-error.js";
import type { Ask } from "./endpoint.js";
import { CachedLookup } from "./lookup.js";

export class LookupCache {
  readonly ask: Ask;
  /** Milliseconds until an answer is asked for again. */
  readonly cacheFor: number;
  readonly #lookups = new Map<string, CachedLookup>();
  /** Those whose last request failed in the background. */
  readonly #failing = new Set<CachedLookup>();
  readonly #onError: ((error: GuardError) => void) | undefined;
  readonly #warnings = new FailureWarnings({ code: "ENDPOINT_FAILED", recovered: "The endpoint of httpAuth() answers again." });

  constructor(ask: Ask, cacheFor: number, onError: ((error: GuardError) => void) | undefined) {
    this.cacheFor = cacheFor;
    this.ask = ask;
    this.#onError = onError;
  }

  get size(): number {
    return this.#lookups.size;
  }

  /** @throws GuardError if the endpoint gave no usable answer */
  identity(body: string): Promise<Identity<object> | undefined> {
    const lookup = this.#lookups.get(body) ?? new CachedLookup(body, this);
    this.add(lookup);
    return lookup.identity();
  }

  add(lookup: CachedLookup): void {
    if (!this.#lookups.has(lookup.body)) this.#lookups.set(lookup.body, lookup);
  }

  remove(lookup: CachedLookup): void {
    if (this.#lookups.get(lookup.body) === lookup) this.#lookups.delete(lookup.body);
    this.#failing.delete(lookup);
  }

  /** Failures are over when no lookup fails any more. */
  succeeded(lookup: CachedLookup): void {
    this.#failing.delete(lookup);
    if (this.#failing.size === 0) this.#warnings.succeeded();
  }

  /** Reports a request that failed in the background. */
  failed(lookup: CachedLookup, error: unknown): void {
    this.#failing.add(lookup);
    const told = error instanceof GuardError ? error : new GuardError("endpoint_failed", "The schema in the `claims` option of httpAuth() threw.", { cause: error });
    const onError = this.#onError;
    if (onError !== undefined) callListener(() => onError(told));
    else this.#warnings.failed(`${told.message} Open sessions keep the last answer for a while.`);
  }
}
