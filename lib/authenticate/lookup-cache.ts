/** Looks up who a credential stands for, and asks again in the background. All sessions with the same credential share one lookup. */
import { isDeepStrictEqual } from "node:util";
import { callListener } from "../callbacks.js";
import { ChangeSource } from "../change-source.js";
import type { FailureWarnings } from "../failure-warnings.js";
import type { GuardError } from "../guard-error.js";
import { Poller } from "../poller.js";
import type { DenialCode } from "../protocol.js";
import type { LiveCredential, GuardIdentity, ValidityWindow } from "./authenticator.js";

/** The user or guest that a credential stands for. */
export type LookupResult = Pick<GuardIdentity<object>, "subject" | "claims" | "tokenId" | "clientData" | "serverData" | "endsAt">;

export interface LookupOptions {
  /** The name of the authenticator. */
  readonly method: string;
  /** Undefined if the credential stands for nobody. */
  readonly ask: (credential: string) => Promise<LookupResult | undefined>;
  /** Milliseconds until an answer is asked for again. */
  readonly cacheFor: number;
  /** Whether a handshake takes an answer that is younger than `cacheFor`. */
  readonly answersFromCache: boolean;
  /** The code with which sessions end when their credential no longer stands for anybody. */
  readonly endedCode: DenialCode;
  /** What the host is told of an error of `ask`. */
  readonly errorOf: (error: unknown) => GuardError;
  readonly onError: ((error: GuardError) => void) | undefined;
  /** For a host without `onError`. */
  readonly warnings: FailureWarnings;
}

/** The lookups that handshakes wait for or that sessions depend on. */
export class LookupCache {
  readonly options: LookupOptions;
  readonly #lookups = new Map<string, CachedLookup>();
  /** Those whose last request failed in the background. */
  readonly #failing = new Set<CachedLookup>();

  constructor(options: LookupOptions) {
    this.options = options;
  }

  get size(): number {
    return this.#lookups.size;
  }

  /** @throws what `ask` throws */
  identity(credential: string): Promise<GuardIdentity<object> | undefined> {
    const lookup = this.#lookups.get(credential) ?? new CachedLookup(credential, this);
    this.add(lookup);
    return lookup.identity();
  }

  add(lookup: CachedLookup): void {
    if (!this.#lookups.has(lookup.key)) this.#lookups.set(lookup.key, lookup);
  }

  remove(lookup: CachedLookup): void {
    if (this.#lookups.get(lookup.key) === lookup) this.#lookups.delete(lookup.key);
    this.#failing.delete(lookup);
  }

  /** Failures are over when no lookup fails any more. */
  succeeded(lookup: CachedLookup): void {
    this.#failing.delete(lookup);
    if (this.#failing.size === 0) this.options.warnings.succeeded();
  }

  /** Reports a request that failed in the background. */
  failed(lookup: CachedLookup, error: unknown): void {
    this.#failing.add(lookup);
    const { errorOf, onError, warnings } = this.options;
    const failure = errorOf(error);
    if (onError !== undefined) callListener(() => onError(failure));
    else warnings.failed(`${failure.message} Open sessions keep the last answer for a while.`);
  }
}

/**
 * The answer to one credential, which is asked for again in the background.
 *
 * An answer is kept for `cacheFor`, and for as long again while there is no other. After that it is unknown whether it still holds.
 */
class CachedLookup implements LiveCredential {
  readonly key: string;
  readonly #cache: LookupCache;
  readonly #changes = new ChangeSource();
  #poller: Poller;
  /** Of the last answer; undefined before the first one and after a refusal. */
  #identity: GuardIdentity<object> | undefined = undefined;
  #answeredAt = -Infinity;
  /** When the last identity ends. */
  #endsAt = Infinity;
  /** How many handshakes wait for an answer. */
  #waiting = 0;

  constructor(key: string, cache: LookupCache) {
    this.key = key;
    this.#cache = cache;
    this.#poller = this.#newPoller();
  }

  /** NaN while the answer is too old, so that every event checks again. */
  get generation(): number {
    return this.#isTooOld() ? NaN : this.#changes.generation;
  }

  validity(held: GuardIdentity): ValidityWindow | DenialCode {
    const identity = this.#identity;
    // After that, a store may already have removed it.
    if (identity === undefined && Date.now() >= this.#endsAt) return "credential_expired";
    if (identity === undefined || identity.subject !== held.subject) return this.#cache.options.endedCode;
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
      this.#poller.runIn(this.#answeredAt + this.#cache.options.cacheFor - Date.now());
    }
    return () => {
      stop();
      if (!this.#changes.hasListeners) this.#leave();
    };
  }

  /**
   * Undefined if the credential stands for nobody.
   * @throws what `ask` throws
   */
  async identity(): Promise<GuardIdentity<object> | undefined> {
    const { answersFromCache, cacheFor } = this.#cache.options;
    const now = Date.now();
    const isFresh = answersFromCache && this.#identity !== undefined && now < this.#answeredAt + cacheFor && now < this.#identity.endsAt;
    if (isFresh) return this.#identity;
    this.#waiting += 1;
    try {
      await (answersFromCache ? this.#poller.running ?? this.#poller.run() : this.#poller.run());
    } finally {
      this.#waiting -= 1;
    }
    return this.#identity;
  }

  #newPoller(): Poller {
    const { cacheFor } = this.#cache.options;
    // After a failure it asks sooner, so that another answer may come before this one is too old.
    return new Poller({ task: () => this.#refresh(), interval: cacheFor, retryInterval: cacheFor / 2 });
  }

  async #refresh(): Promise<void> {
    const isInBackground = this.#waiting === 0;
    if (isInBackground && !this.#changes.hasListeners) return this.#leave();
    const askedAt = Date.now();
    try {
      this.#apply(await this.#cache.options.ask(this.key), askedAt);
    } catch (error) {
      if (this.#identity === undefined) this.#leave();
      // A handshake that waits reports its own error.
      if (isInBackground) this.#cache.failed(this, error);
      throw error;
    }
  }

  #apply(result: LookupResult | undefined, askedAt: number): void {
    const before = this.#identity;
    this.#answeredAt = Date.now();
    this.#identity = result && this.#identityOf(result, askedAt);
    this.#endsAt = this.#identity?.endsAt ?? this.#endsAt;
    if (result === undefined) this.#leave();
    else this.#cache.succeeded(this);
    if (before !== undefined && !this.#isSame(before)) this.#changes.changed();
  }

  #isSame(before: GuardIdentity): boolean {
    const now = this.#identity;
    return now !== undefined && this.current(before) === before && now.endsAt === before.endsAt && now.subject === before.subject;
  }

  /** Data that did not change stays the same object, so that sessions see no change. */
  #identityOf({ subject, tokenId, endsAt, ...data }: LookupResult, askedAt: number): GuardIdentity<object> {
    const before = this.#identity;
    const keep = <Value>(value: Value, old: Value): Value => (isDeepStrictEqual(value, old) ? old : value);
    return Object.freeze({
      method: this.#cache.options.method,
      subject,
      ...(tokenId !== undefined && { tokenId }),
      claims: keep(data.claims, before?.claims ?? data.claims),
      clientData: keep(data.clientData, before?.clientData),
      serverData: keep(data.serverData, before?.serverData),
      notBefore: -Infinity,
      endsAt,
      expiredCode: "credential_expired",
      // A revocation during the request covers it: the answer may be older.
      issuedAt: askedAt,
      credential: this,
    });
  }

  #isTooOld(): boolean {
    return !(Date.now() < this.#answeredAt + 2 * this.#cache.options.cacheFor);
  }

  #leave(): void {
    this.#poller.stop();
    this.#cache.remove(this);
  }
}
