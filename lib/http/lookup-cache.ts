/** The lookups that handshakes wait for or that sessions depend on: one for each request body. */
import type { Identity } from "../authenticate/authenticator.js";
import { FailureReporter } from "../failure-reporter.js";
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
  readonly #failures: FailureReporter<GuardError>;

  constructor(ask: Ask, cacheFor: number, onError: ((error: GuardError) => void) | undefined) {
    this.cacheFor = cacheFor;
    this.#failures = new FailureReporter({
      onError,
      code: "ENDPOINT_FAILED",
      consequence: "Open sessions keep the last answer for a while.",
      recovered: "The endpoint of httpAuth() answers again.",
    });
    this.ask = ask;
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
    if (this.#failing.size === 0) this.#failures.succeeded();
  }

  /** Reports a request that failed in the background. */
  failed(lookup: CachedLookup, error: unknown): void {
    this.#failing.add(lookup);
    this.#failures.failed(error instanceof GuardError ? error : new GuardError("endpoint_failed", "The schema in the `claims` option of httpAuth() threw.", { cause: error }));
  }
}
