/** A session: an identity bound to one socket, and whether it is still valid at an instant. */
import type { GuardIdentity, LiveCredential } from "../authenticate/authenticator.js";
import { refuse, type Refusal } from "../refusal.js";
import type { CachedUser } from "./user-cache.js";

/** A session as rules, handlers and the host see it. Times are epoch milliseconds. */
export interface GuardSession<Claims = unknown> {
  /** The id of its socket. */
  readonly id: string;
  /** The id of the user; undefined for a guest. */
  readonly subject: string | undefined;
  readonly claims: Claims;
  /** The name of the authenticator. */
  readonly method: string;
  /** When it expires; `Infinity` for a guest. */
  readonly expiresAt: number;
  /** Data of the authenticator for rules and handlers. It is never sent to a client. */
  readonly serverData: unknown;
  /** What a backend signs for `guard:signin` and for rooms, if the guard has a `signer` or `rooms`. It has the form of Pusher's `socket_id`. */
  readonly signingId: string | undefined;
  /** Aborts when the session ends. */
  readonly signal: AbortSignal;
}

/** How long what this node knows of revocations counts as complete: until `staleAt`, in epoch milliseconds. */
export interface Freshness {
  readonly staleAt: number;
}

/** What a backend signs for a session, and since when: epoch milliseconds. */
export interface Signing {
  readonly id: string;
  readonly since: number;
}

/** What all sessions of a node share. */
export interface SessionContext {
  readonly freshness: Freshness;
  /** Returns undefined where nothing is signed. */
  readonly newSigning: (() => Signing | undefined) | undefined;
}

export class LiveSession implements GuardSession {
  /** Changes once, if its socket is recovered. */
  id: string;
  /** The namespace of its socket. */
  readonly namespace: string;
  /** The connection that ends with the session; undefined until its socket is connected. */
  connection: { end(reason: Refusal): void } | undefined = undefined;
  identity: GuardIdentity;
  /** What keeps the identity current; undefined for a guest. */
  credential: LiveCredential | undefined;
  cachedUser: CachedUser | undefined;
  signing: Signing | undefined;
  /** Grows with each change of the identity. */
  version = 0;
  /** How often the host has said that something about the user has changed. */
  changes = 0;
  /** Why it ended; undefined while it is open. */
  ended: Refusal | undefined = undefined;
  /** When the registry checks it again; belongs to the registry's timer queue. */
  dueAt = Infinity;
  readonly #context: SessionContext;
  #notBefore = Infinity;
  #endsAt = -Infinity;
  /** That of the credential when its validity was read. */
  #generation: number | undefined = undefined;
  #controller: AbortController | undefined = undefined;

  constructor(id: string, namespace: string, identity: GuardIdentity, cachedUser: CachedUser | undefined, context: SessionContext) {
    this.id = id;
    this.namespace = namespace;
    this.identity = identity;
    this.cachedUser = cachedUser;
    this.#context = context;
    this.renewSigning();
    this.#adopt(identity);
  }

  /** Gives the session another identity, for example one that lasts longer. */
  become(identity: GuardIdentity, cachedUser: CachedUser | undefined): void {
    // A signature counts once. One that was made before a sign-out does not sign the user in again.
    if (this.subject !== identity.subject || identity.method === "signin") this.renewSigning();
    this.cachedUser = cachedUser;
    this.version += 1;
    this.#adopt(identity);
  }

  /** Something about the user has changed that only the host knows: verdicts that are under way were asked for too early. */
  outdateVerdicts(): void {
    this.changes += 1;
  }

  #adopt(identity: GuardIdentity): void {
    this.identity = identity;
    this.credential = identity.credential;
    this.#notBefore = identity.notBefore;
    this.#endsAt = identity.endsAt;
    this.#generation = undefined;
    // An authenticator can take its time: the credential may have changed since it was verified.
    if (this.credential !== undefined) this.#update(this.credential);
  }

  /**
   * Why the session is not valid at this instant, or undefined if it is: the answer that verifying its whole credential
   * again would give. The signature of unchanged bytes under an unchanged key cannot change, so only what can change is
   * checked.
   */
  invalidity(now: number): Refusal | undefined {
    if (this.ended !== undefined) return this.ended;
    const credential = this.credential;
    if (credential !== undefined && credential.generation !== this.#generation) {
      const invalid = this.#update(credential);
      // While it is unknown whether the credential is valid, the end that was known before still counts.
      if (invalid !== undefined && (invalid !== credentialUnavailable || now < this.#endsAt)) return invalid;
    }
    // Written so that nothing is valid if the clock does not return a number.
    if (!(now >= this.#notBefore)) return notActive;
    if (!(now < this.#endsAt)) return this.identity.expiredCode === "credential_expired" ? credentialExpired : expired;
    // A guest has nothing that could be revoked.
    if (!(now < this.#context.freshness.staleAt) && !this.guest) return stale;
    return this.cachedUser?.invalidity();
  }

  /** Reads the credential's validity as it is now. As long as that fails, its generation stays unread, so that each check tries again. */
  #update(credential: LiveCredential): Refusal | undefined {
    const validity = credential.validity(this.identity);
    if (validity === undefined) return noLongerValid;
    if (validity === "unavailable") return credentialUnavailable;
    if (typeof validity === "string") return refuse(validity, { reason: "the authenticator says that the credential is no longer valid" });
    this.#notBefore = validity.notBefore;
    this.#endsAt = validity.endsAt;
    const identity = credential.current?.(this.identity) ?? this.identity;
    // The answer of `findUser` is for the old claims. The client connects again, and `findUser` is called with the new ones.
    if (this.cachedUser !== undefined && identity.claims !== this.identity.claims) return claimsChanged;
    if (identity !== this.identity) this.version += 1;
    this.identity = identity;
    this.#generation = credential.generation;
    return undefined;
  }

  /** Aborts `signal`. The registry calls it once the connection is silent. */
  abort(): void {
    this.#controller?.abort(this.ended?.denial);
  }

  /** Replaces the id that a backend has to sign. */
  renewSigning(): void {
    this.signing = this.#context.newSigning?.();
  }

  get signingId(): string | undefined {
    return this.signing?.id;
  }

  get guest(): boolean {
    return this.identity.subject === undefined;
  }

  /** What rules see: the answer of `findUser`, else the claims. */
  get user(): unknown {
    return this.cachedUser === undefined ? this.identity.claims : this.cachedUser.user;
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
    if (this.ended !== undefined) this.#controller.abort(this.ended.denial);
    return this.#controller.signal;
  }
}

const notActive = refuse("token_not_active", { reason: "the credential is not active yet" });
const expired = refuse("token_expired", { reason: "the session has reached its end" });
const credentialExpired = refuse("credential_expired", { reason: "the credential has expired" });
const claimsChanged = refuse("token_expired", { reason: "the claims have changed, and `findUser` has not seen the new ones" });
const noLongerValid = refuse("token_invalid", { reason: "the credential is no longer valid: for example, its key was removed" });
const credentialUnavailable = refuse("unavailable", { reason: "the authenticator cannot say now whether the credential is valid" });
const stale = refuse("unavailable", { reason: "the store was not read for longer than `maxStaleness`" });
