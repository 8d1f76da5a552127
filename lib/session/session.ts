/** A session: an identity bound to one socket, and whether it still holds at an instant. */
import type { LiveCredential, Identity } from "../authenticate/authenticator.js";
import type { Denial, DenialCode } from "../protocol.js";
import type { CachedUser } from "./user-cache.js";
import { nowhere, type Deadline } from "./deadlines.js";

/** What rules, handlers and the host see of a session. Times are epoch milliseconds. */
export interface Session<Claims = unknown> {
  /** The id of its socket. */
  readonly id: string;
  /** Who it is; a guest has none. */
  readonly subject: string | undefined;
  readonly claims: Claims;
  /** How it came in: the name of the authenticator. */
  readonly method: string;
  /** When it ends by itself; `Infinity` for a guest. */
  readonly expiresAt: number;
  /** What the authenticator keeps for rules and handlers; it never reaches a client. */
  readonly serverData: unknown;
  /** What a backend signs for it, where the guard has a `signer`: it has the form of Pusher's `socket_id`. */
  readonly signingId: string | undefined;
  /** Aborts when the session ends. */
  readonly signal: AbortSignal;
}

/** Whoever holds a session is told when it ends: true if it settles the session itself, once its connection is closed. */
export interface SessionHolder {
  sessionEnded(session: LiveSession): boolean;
}

/** Until when what is known of revocations counts as whole; epoch milliseconds. */
export interface Freshness {
  readonly staleAt: number;
}

export const alwaysFresh: Freshness = Object.freeze({ staleAt: Infinity });

/** What a backend signs for a session, and since when it could: epoch milliseconds. */
export interface Signing {
  readonly id: string;
  readonly since: number;
}

/** Who hears that a session has fallen due, and knows what holds for all of them. */
export interface SessionKeeper {
  readonly freshness: Freshness;
  /** Undefined where nothing is signed. */
  newSigning(): Signing | undefined;
  look(session: LiveSession): void;
}

export class LiveSession implements Session, Deadline {
  /** Another one once its socket is recovered. */
  id: string;
  readonly holder: SessionHolder;
  identity: Identity;
  account: CachedUser | undefined;
  signing: Signing | undefined;
  /** Grows whenever the identity is another one. */
  version: number;
  /** Why it ended; undefined while it lives. */
  ended: Denial | undefined;
  /** Its end as the heap knows it; the registry moves it after a change. */
  dueAt: number;
  place = nowhere;
  readonly #keeper: SessionKeeper;
  readonly #freshness: Freshness;
  #credential: LiveCredential | undefined;
  #notBefore: number;
  #endsAt: number;
  #generation: number;
  #controller: AbortController | undefined;

  constructor(id: string, identity: Identity, account: CachedUser | undefined, holder: SessionHolder, keeper: SessionKeeper) {
    this.id = id;
    this.holder = holder;
    this.identity = identity;
    this.account = account;
    this.signing = keeper.newSigning();
    this.version = 0;
    this.ended = undefined;
    this.#keeper = keeper;
    this.#freshness = keeper.freshness;
    this.#credential = identity.credential;
    this.#notBefore = identity.notBefore;
    this.#endsAt = identity.endsAt;
    this.#generation = NaN;
    this.#controller = undefined;
    // The identity may have been found a while ago: an authenticator can take its time.
    if (this.#credential !== undefined) this.#renew(this.#credential);
    this.dueAt = this.#endsAt;
  }

  /** From here on it is this identity that the session speaks for. */
  become(identity: Identity, account: CachedUser | undefined): void {
    // A signature is used once, and who has signed out cannot be signed in by the one of before.
    if (this.subject !== identity.subject || identity.method === "signin") this.signAnew();
    this.identity = identity;
    this.account = account;
    this.version += 1;
    this.#credential = identity.credential;
    this.#notBefore = identity.notBefore;
    this.#endsAt = identity.endsAt;
    this.#generation = NaN;
    if (this.#credential !== undefined) this.#renew(this.#credential);
  }

  /**
   * Why the session does not hold at this instant, or undefined if it does: the answer that verifying its whole
   * credential again would give. The signature of unchanged bytes under an unchanged key cannot change, so only what
   * can change is looked at.
   */
  refusal(now: number): DenialCode | undefined {
    if (this.ended !== undefined) return this.ended.code;
    const credential = this.#credential;
    if (credential !== undefined && credential.generation !== this.#generation) {
      const code = this.#renew(credential);
      // Where nobody can say whether it still holds, the end that was known comes all the same.
      if (code !== undefined && (code !== "unavailable" || now < this.#endsAt)) return code;
    }
    // Said so that a clock that answers no number holds nothing.
    if (!(now >= this.#notBefore)) return "token_not_active";
    if (!(now < this.#endsAt)) return "token_expired";
    // A guest has nothing that could be revoked.
    if (this.#freshness.staleAt !== Infinity && !(now < this.#freshness.staleAt) && !this.guest) return "unavailable";
    return this.account === undefined ? undefined : this.account.refusal();
  }

  /** Takes the credential's instants as they are now. Without any, the generation stays unseen and each look asks again. */
  #renew(credential: LiveCredential): DenialCode | undefined {
    const instants = credential.validity(this.identity);
    if (instants === undefined) return "token_invalid";
    if (typeof instants === "string") return instants;
    this.#notBefore = instants.notBefore;
    this.#endsAt = instants.endsAt;
    const identity = credential.current?.(this.identity) ?? this.identity;
    // What `findUser` said is of the claims that were: whoever connects again is asked for by those that are.
    if (this.account !== undefined && identity.claims !== this.identity.claims) return "token_expired";
    if (identity !== this.identity) this.version += 1;
    this.identity = identity;
    this.#generation = credential.generation;
    return undefined;
  }

  /** Tells whoever works for the session that it has ended. The registry calls it, after the connection has gone silent. */
  abort(): void {
    this.#controller?.abort(this.ended);
  }

  /** What was signed for it counts no more. */
  signAnew(): void {
    this.signing = this.#keeper.newSigning();
  }

  fallDue(): void {
    this.#keeper.look(this);
  }

  /** What it lives by; undefined for a guest. */
  get credential(): LiveCredential | undefined {
    return this.#credential;
  }

  get signingId(): string | undefined {
    return this.signing?.id;
  }

  get guest(): boolean {
    return this.identity.subject === undefined;
  }

  /** What rules see: the answer of `findUser`, else the claims. */
  get user(): unknown {
    return this.account === undefined ? this.identity.claims : this.account.user;
  }

  get subject(): string | undefined {
    return this.identity.subject;
  }

  get claims(): unknown {
    return this.identity.claims;
  }

  get method(): string {
    return this.identity.method;
  }

  get serverData(): unknown {
    return this.identity.serverData;
  }

  get expiresAt(): number {
    return this.#endsAt;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.ended !== undefined) this.#controller.abort(this.ended);
    return this.#controller.signal;
  }
}
