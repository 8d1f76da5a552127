/** The endpoint's answer to one request body. All sessions that sent this body share it, and it is asked for again in the background. */
import { isDeepStrictEqual } from "node:util";
import type { LiveCredential, Identity, ValidityWindow } from "../authenticate/authenticator.js";
import { ChangeSource } from "../change-source.js";
import { Poller } from "../poller.js";
import type { LookupCache } from "./lookup-cache.js";
import type { EndpointResult } from "./result.js";

/** An answer is kept for `cacheFor`, and for as long again while the endpoint cannot be asked. After that it is unknown whether it still holds. */
export class CachedLookup implements LiveCredential {
  readonly body: string;
  readonly #cache: LookupCache;
  readonly #changes = new ChangeSource();
  #poller: Poller;
  /** Of the last answer; undefined before the first one and after a refusal. */
  #identity: Identity<object> | undefined = undefined;
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

  validity(held: Identity): ValidityWindow | "unavailable" | "credential_invalid" {
    const identity = this.#identity;
    if (identity === undefined || identity.subject !== held.subject) return "credential_invalid";
    return this.#isTooOld() ? "unavailable" : identity;
  }

  current(held: Identity): Identity {
    const now = this.#identity!;
    const isSame = now.claims === held.claims && now.clientData === held.clientData && now.serverData === held.serverData;
    // A newer answer does not change when somebody logged in, so a revocation still covers the session.
    return isSame || held.issuedAt === undefined ? held : Object.freeze({ ...now, issuedAt: held.issuedAt });
  }

  onChange(listener: () => void): () => void {
    const stop = this.#changes.onChange(listener);
    this.#cache.add(this);
    if (this.#poller.isStopped) this.#resume();
    return () => {
      stop();
      if (!this.#changes.hasListeners) this.#leave();
    };
  }

  /**
   * The identity by an answer that is younger than `cacheFor`; undefined if the endpoint refuses it.
   * @throws GuardError if the endpoint gave no usable answer
   */
  async identity(): Promise<Identity<object> | undefined> {
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

  #resume(): void {
    this.#poller = this.#newPoller();
    this.#poller.runIn(this.#answeredAt + this.#cache.cacheFor - Date.now());
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

  #isSame(before: Identity): boolean {
    const now = this.#identity;
    return now !== undefined && this.current(before) === before && now.endsAt === before.endsAt && now.subject === before.subject;
  }

  /** Data that did not change stays the same object, so that sessions see no change. */
  #identityOf({ subject, expiresIn, ...data }: EndpointResult, askedAt: number): Identity<object> {
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
