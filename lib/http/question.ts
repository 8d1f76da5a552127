/** One question to the endpoint and its last answer: shared by all sessions that came in by it, and put again after `ttl`. */
import { isDeepStrictEqual } from "node:util";
import type { LiveCredential, Identity, ValidityWindow } from "../authenticate/authenticator.js";
import { nowhere, type Deadline, type Deadlines } from "../session/deadlines.js";
import type { Found } from "./answer.js";
import type { Ask } from "./endpoint.js";

/** What a question needs of its surroundings. */
export interface Asker {
  readonly ask: Ask;
  /** Milliseconds until an answer is asked for again. */
  readonly ttl: number;
  readonly deadlines: Deadlines;
  remember(question: Question): void;
  forget(question: Question): void;
  /** It was put again, and nobody waits for what failed. */
  failed(error: unknown): void;
}

/** An answer counts for one more `ttl` while the endpoint cannot be asked; from then on nobody can say whether it holds. */
export class Question implements LiveCredential, Deadline {
  readonly body: string;
  dueAt = Infinity;
  place = nowhere;
  readonly #asker: Asker;
  readonly #listeners = new Set<() => void>();
  /** Of the last answer; undefined before the first, and after a refusal. */
  #identity: Identity<object> | undefined = undefined;
  #answeredAt = -Infinity;
  #generation = 0;
  #underWay: Promise<void> | undefined = undefined;

  constructor(body: string, asker: Asker) {
    this.body = body;
    this.#asker = asker;
  }

  /** An answer that is too old is like no other, so that each event looks again. */
  get generation(): number {
    return this.#isTooOld(Date.now()) ? NaN : this.#generation;
  }

  validity(held: Identity): ValidityWindow | "unavailable" | "credential_invalid" {
    const identity = this.#identity;
    if (identity === undefined || identity.subject !== held.subject) return "credential_invalid";
    return this.#isTooOld(Date.now()) ? "unavailable" : identity;
  }

  current(held: Identity): Identity {
    const now = this.#identity!;
    const isSame = now.claims === held.claims && now.clientData === held.clientData && now.serverData === held.serverData;
    // Who logged in before a revocation did so whatever was asked since.
    return isSame || held.issuedAt === undefined ? held : Object.freeze({ ...now, issuedAt: held.issuedAt });
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#asker.remember(this);
    if (this.place === nowhere && this.#underWay === undefined) this.#askAt(this.#answeredAt + this.#asker.ttl);
    return () => {
      this.#listeners.delete(listener);
      // Whoever comes later is asked for anew: nobody has looked since.
      if (this.#listeners.size === 0) this.#leave();
    };
  }

  /**
   * Who it is, by an answer that is younger than `ttl`; undefined if the endpoint does not know them (any more).
   * @throws GuardError if it said neither
   */
  async identity(): Promise<Identity<object> | undefined> {
    const now = Date.now();
    const isYoung = now < this.#answeredAt + this.#asker.ttl && this.#identity !== undefined && now < this.#identity.endsAt;
    if (!isYoung) await this.#askNow();
    return this.#identity;
  }

  /** Nobody holds it: then it was kept only for the handshakes that were waiting. */
  fallDue(): void {
    if (this.#listeners.size === 0) return this.#leave();
    this.#askNow().catch((error: unknown) => this.#asker.failed(error));
  }

  #isTooOld(now: number): boolean {
    return !(now < this.#answeredAt + 2 * this.#asker.ttl);
  }

  #askNow(): Promise<void> {
    this.#underWay ??= this.#put().finally(() => (this.#underWay = undefined));
    return this.#underWay;
  }

  async #put(): Promise<void> {
    this.#asker.deadlines.remove(this);
    const askedAt = Date.now();
    try {
      this.#take(await this.#asker.ask(this.body), askedAt);
    } catch (error) {
      if (this.#identity === undefined) this.#leave();
      // Sooner than after a good answer: the next one may still come before this one counts no longer.
      else this.#askAt(Date.now() + this.#asker.ttl / 2);
      throw error;
    }
  }

  #take(found: Found | undefined, askedAt: number): void {
    const before = this.#identity;
    this.#answeredAt = Date.now();
    this.#identity = found && this.#identityOf(found, askedAt);
    if (found === undefined) this.#leave();
    else this.#askAt(this.#answeredAt + this.#asker.ttl);
    if (before === undefined || (this.#identity !== undefined && this.current(before) === before && this.#identity.endsAt === before.endsAt && this.#identity.subject === before.subject)) return;
    this.#generation += 1;
    for (const listener of [...this.#listeners]) listener();
  }

  /** What is the same as before stays the same object: then no session takes it for a change. */
  #identityOf({ subject, expiresIn, ...data }: Found, askedAt: number): Identity<object> {
    const before = this.#identity;
    const lasting = <Value>(value: Value, old: Value): Value => (isDeepStrictEqual(value, old) ? old : value);
    return Object.freeze({
      method: "http",
      subject,
      claims: lasting(data.claims, before?.claims ?? data.claims),
      clientData: lasting(data.clientData, before?.clientData),
      serverData: lasting(data.serverData, before?.serverData),
      notBefore: -Infinity,
      endsAt: this.#answeredAt + expiresIn,
      // A revocation while it was under way covers it: the endpoint may have answered before.
      issuedAt: askedAt,
      credential: this,
    });
  }

  #askAt(instant: number): void {
    this.dueAt = instant;
    this.#asker.deadlines.add(this);
  }

  #leave(): void {
    this.#asker.deadlines.remove(this);
    this.#asker.forget(this);
  }
}
