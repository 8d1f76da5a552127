/** The endpoint's answers: one lookup for each request body, which all sessions that sent this body share. */
import { isDeepStrictEqual } from "node:util";
import type { LiveCredential, GuardIdentity, ValidityWindow } from "../authenticate/authenticator.js";
import { callListener } from "../callbacks.js";
import { ChangeSource } from "../change-source.js";
import { FailureWarnings } from "../failure-warnings.js";
import { GuardError } from "../guard-error.js";
import { Poller } from "../poller.js";
import type { Ask } from "./endpoint.js";
import type { EndpointResult } from "./result.js";

/** The lookups that handshakes wait for or that sessions depend on. */
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
  identity(body: string): Promise<GuardIdentity<object> | undefined> {
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
    const failure = error instanceof GuardError ? error : new GuardError("endpoint_failed", "The schema in the `claims` option of httpAuth() threw.", { cause: error });
    const onError = this.#onError;
    if (onError !== undefined) callListener(() => onError(failure));
    else this.#warnings.failed(`${failure.message} Open sessions keep the last answer for a while.`);
  }
}

/**
 * The answer to one request body, which is asked for again in the background.
 *
 * An answer is kept for `cacheFor`, and for as long again while the endpoint cannot be asked. After that it is unknown whether it still holds.
 */
class CachedLookup implements LiveCredential {
  readonly body: string;
  readonly #cache: LookupCache;
  readonly #changes = new ChangeSource();
  #poller: Poller;
  /** Of the last answer; undefined before the first one and after a refusal. */
  #identity: GuardIdentity<object> | undefined = undefined;
  #answeredAt = -Infinity;
  /** How many handshakes wait for an answer. */
  #waiting = 0;

  constructor(body: string, cache: LookupCache) {
    this.body = body;
    this.#cache = cache;
    this.#poller = this.#newPoller();
  }

  /** NaN while the answer is too old, so that every event checks again. */
  get generation(): number {
    return this.#isTooOld() ? NaN : this.#changes.generation;
  }

  validity(held: GuardIdentity): ValidityWindow | "unavailable" | "credential_invalid" {
    const identity = this.#identity;
    if (identity === undefined || identity.subject !== held.subject) return "credential_invalid";
    return this.#isTooOld() ? "unavailable" : identity;
  }

  current(held: GuardIdentity): GuardIdentity {
    const now = this.#identity!;
    const isSame = now.claims === held.claims && now.clientData === held.clientData && now.serverData === held.serverData;
    // A newer answer does not change when somebody logged in, so a revocation still covers the session.
    return isSame || held.issuedAt === undefined ? held : Object.freeze({ ...now, issuedAt: held.issuedAt });
  }

  onChange(listener: () => void): () => void {
    const stop = this.#changes.onChange(listener);
    this.#cache.add(this);
    if (this.#poller.isStopped) {
      this.#poller = this.#newPoller();
      this.#poller.runIn(this.#answeredAt + this.#cache.cacheFor - Date.now());
    }
    return () => {
      stop();
      if (!this.#changes.hasListeners) this.#leave();
    };
  }

  /**
   * The identity by an answer that is younger than `cacheFor`; undefined if the endpoint refuses it.
   * @throws GuardError if the endpoint gave no usable answer
   */
  async identity(): Promise<GuardIdentity<object> | undefined> {
    const now = Date.now();
    const isFresh = this.#identity !== undefined && now < this.#answeredAt + this.#cache.cacheFor && now < this.#identity.endsAt;
    if (isFresh) return this.#identity;
    this.#waiting += 1;
    try {
      await (this.#poller.running ?? this.#poller.run());
    } finally {
      this.#waiting -= 1;
    }
    return this.#identity;
  }

  #newPoller(): Poller {
    const { cacheFor } = this.#cache;
    // After a failure it asks sooner, so that another answer may come before this one is too old.
    return new Poller({ task: () => this.#refresh(), interval: cacheFor, retryInterval: cacheFor / 2 });
  }

  async #refresh(): Promise<void> {
    const isInBackground = this.#waiting === 0;
    if (isInBackground && !this.#changes.hasListeners) return this.#leave();
    const askedAt = Date.now();
    try {
      this.#apply(await this.#cache.ask(this.body), askedAt);
    } catch (error) {
      if (this.#identity === undefined) this.#leave();
      // A handshake that waits reports its own error.
      if (isInBackground) this.#cache.failed(this, error);
      throw error;
    }
  }

  #apply(result: EndpointResult | undefined, askedAt: number): void {
    const before = this.#identity;
    this.#answeredAt = Date.now();
    this.#identity = result && this.#identityOf(result, askedAt);
    if (result === undefined) this.#leave();
    else this.#cache.succeeded(this);
    if (before !== undefined && !this.#isSame(before)) this.#changes.changed();
  }

  #isSame(before: GuardIdentity): boolean {
    const now = this.#identity;
    return now !== undefined && this.current(before) === before && now.endsAt === before.endsAt && now.subject === before.subject;
  }

  /** Data that did not change stays the same object, so that sessions see no change. */
  #identityOf({ subject, expiresIn, ...data }: EndpointResult, askedAt: number): GuardIdentity<object> {
    const before = this.#identity;
    const keep = <Value>(value: Value, old: Value): Value => (isDeepStrictEqual(value, old) ? old : value);
    return Object.freeze({
      method: "httpAuth",
      subject,
      claims: keep(data.claims, before?.claims ?? data.claims),
      clientData: keep(data.clientData, before?.clientData),
      serverData: keep(data.serverData, before?.serverData),
      notBefore: -Infinity,
      endsAt: this.#answeredAt + expiresIn,
      expiredCode: "credential_expired",
      // A revocation during the request covers it: the endpoint may have answered earlier.
      issuedAt: askedAt,
      credential: this,
    });
  }

  #isTooOld(): boolean {
    return !(Date.now() < this.#answeredAt + 2 * this.#cache.cacheFor);
  }

  #leave(): void {
    this.#poller.stop();
    this.#cache.remove(this);
  }
}
