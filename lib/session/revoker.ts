/**
 * Revokes: ends the sessions of this node in the same tick, then makes the record durable, then lets other nodes know.
 * Notices, which every node follows once, take the same way.
 */
import type { ByActor } from "../audit-events.js";
import type { Authenticator } from "../authenticate/authenticator.js";
import { tokenIdOf } from "../authenticate/chain.js";
import { GuardError } from "../guard-error.js";
import { refuse } from "../refusal.js";
import { isNoticeValue, noticeOf, NoticeWriter, type Eviction, type Notice } from "./notice.js";
import type { Registry } from "./registry.js";
import { RevocationSync } from "./revocation-sync.js";
import { Revocations, type Revocable, type Revocation, type RevocationStore } from "./revocation.js";

/** What to revoke. */
export type RevocationTarget =
  /** A raw token that verifies on this server. A token that has expired needs no revocation. */
  | { readonly token: string }
  /** The `jti` of a token. */
  | { readonly tokenId: string }
  /** Every token that a subject was issued until an instant: a Date or epoch milliseconds. The default is now. */
  | { readonly subject: string; readonly issuedBefore?: Date | number }
  /** The id of one session, on any node. */
  | { readonly session: string };

export interface RevokerOptions {
  /** Undefined: revocations are kept in the memory of this node only. */
  readonly store: RevocationStore | undefined;
  /** Milliseconds. */
  readonly maxStaleness: number;
  readonly onStale: "deny" | "allow" | "silence";
  /** Until when this node may rely on what it knows. The revoker keeps it up to date. */
  readonly freshness: { staleAt: number };
  readonly registry: Registry;
  /** All authenticators, including those of namespaces that were added later. */
  readonly authenticators: () => readonly Authenticator[];
  /** Milliseconds that a session can last which no authenticator opened. */
  readonly signinLifetime: number;
  /** Milliseconds that a session can outlast its credential, while its client is away and may be recovered. */
  readonly recoverableFor: number;
  /** The host of this node has revoked something. */
  readonly onRevoked: (record: Revocation, by: ByActor) => void;
  /** Ends the memberships of a subject in a room. */
  readonly onEvict: (eviction: Eviction) => void;
  /** Something about these users has changed. Settles when this node has applied it; never rejects. */
  readonly onUsersChanged: (subjects: ReadonlySet<string>) => Promise<void>;
  /** This node could not read the store for so long that notices of changed users may have expired unread. */
  readonly onNoticesMissed: () => void;
  /** The store has answered what this node asked for at that instant of `performance.now()`. */
  readonly onRead: (startedAt: number) => void;
  /** Other nodes should read the store now. */
  readonly onPublished: () => void;
  /** The store works. */
  readonly onSynchronized: () => void;
  readonly onError: (error: unknown) => void;
}

// For authenticators that do not say how long their credentials can hold.
const defaultLifetime = 90 * 86_400_000;

export class Revoker {
  readonly #options: RevokerOptions;
  readonly #revocations = new Revocations();
  readonly #notices = new NoticeWriter();
  readonly #sync: RevocationSync | undefined;

  constructor(options: RevokerOptions) {
    this.#options = options;
    const { store, onStale, freshness } = options;
    this.#sync = store && new RevocationSync({
      ...options,
      store,
      revocations: this.#revocations,
      freshness: onStale === "allow" ? { staleAt: Infinity } : freshness,
      onNew: (records) => void this.#apply(records),
    });
  }

  /** Since when this node has not been up to date with the store, in epoch milliseconds; undefined while it is. */
  get notReadySince(): number | undefined {
    return this.#sync?.notReadySince;
  }

  /** Milliseconds since this node last knew everything that was in the store. Undefined without a store. */
  get staleness(): number | undefined {
    return this.#sync?.staleness;
  }

  /** Undefined if the store, if there is one, has been read before. Else it settles when that was tried. */
  ready(): Promise<void> | undefined {
    return this.#sync?.ready();
  }

  isRevoked(session: Revocable): boolean {
    return this.#revocations.covers(session);
  }

  /**
   * Settles when the record is durable. The sessions of this node have ended before that.
   * @throws GuardError (the promise rejects) `revoke_invalid`, `store_unavailable`, or the code of a token that does not verify
   */
  async revoke(target: RevocationTarget, by: ByActor = {}): Promise<void> {
    const record = this.#recordOf(target);
    if (record !== undefined) await this.#revoke(record, by);
  }

  /** Revokes everything that was issued until an instant. @throws as `revoke` */
  async revokeAll(issuedBefore: Date | number | undefined, by: ByActor = {}): Promise<void> {
    await this.#revoke(this.#record("all", "", issuedBefore), by);
  }

  async #revoke(record: Revocation, by: ByActor): Promise<void> {
    const published = this.#publish(record, revocationIsLate);
    this.#options.onRevoked(record, by);
    await published;
  }

  /**
   * Has every node do something once: this one in the same tick, the others as soon as they read the store. Settles when this node
   * has applied it and the store has the record.
   * @throws GuardError (the promise rejects) `option_invalid` without a subject, `store_unavailable`
   */
  async announce(notice: Notice): Promise<void> {
    // Guests have no subject: without one, all of them would be meant.
    if (typeof notice.subject !== "string" || notice.subject === "") throw new GuardError("option_invalid", "The subject of a user must be a non-empty string.");
    await this.#publish(this.#notices.recordOf(notice), noticeIsLate);
  }

  /** Reads the store now, because another node has published something. */
  read(): void {
    void this.#sync?.read();
  }

  stop(): void {
    this.#sync?.stop();
  }

  /** Undefined for a token that has expired. */
  #recordOf(target: RevocationTarget): Revocation | undefined {
    checkTarget(target);
    if ("subject" in target) return this.#record("subject", target.subject, target.issuedBefore);
    if ("session" in target) return this.#record("session", target.session);
    const tokenId = "tokenId" in target ? target.tokenId : tokenIdOf(target.token, this.#options.authenticators());
    return tokenId === undefined ? undefined : this.#record("token", tokenId);
  }

  #record(kind: Revocation["kind"], value: string, issuedBefore: Date | number = Date.now()): Revocation {
    const instant = Number(issuedBefore);
    if (!Number.isFinite(instant)) throw new GuardError("revoke_invalid", "`issuedBefore` must be a Date or epoch milliseconds.");
    return Object.freeze({ kind, value, issuedBefore: instant, expiresAt: Math.max(Date.now(), instant) + this.#maxLifetime() });
  }

  /** Milliseconds that anything that is issued now can hold. */
  #maxLifetime(): number {
    const { authenticators, signinLifetime, recoverableFor } = this.#options;
    return recoverableFor + Math.max(signinLifetime, ...authenticators().map(({ maxLifetime = defaultLifetime }) => maxLifetime));
  }

  async #publish(record: Revocation, lateMessage: string): Promise<void> {
    this.#revocations.add(record, Date.now());
    const applied = this.#apply([record]);
    const stored = this.#store(record, lateMessage);
    // If the store fails, the caller learns of it once this node has applied the record.
    await Promise.allSettled([applied, stored]);
    await Promise.all([applied, stored]);
  }

  async #store(record: Revocation, lateMessage: string): Promise<void> {
    if (this.#sync === undefined) return;
    try {
      await this.#sync.publish([record]);
    } catch (error) {
      this.#options.onError(error);
      throw new GuardError("store_unavailable", lateMessage);
    }
    this.#options.onPublished();
  }

  /** Does what these records say. They are in `#revocations` already. */
  async #apply(records: readonly Revocation[]): Promise<void> {
    const { onEvict, onUsersChanged } = this.#options;
    const notices = records.map(noticeOf);
    const revocations = records.filter((_, index) => notices[index] === undefined);
    if (revocations.length > 0) this.#endCovered(revocations);
    const users = new Set<string>();
    for (const notice of notices) {
      if (notice?.kind === "evict") onEvict(notice);
      if (notice?.kind === "user") users.add(notice.subject);
    }
    if (users.size > 0) await onUsersChanged(users);
  }

  /** Ends the sessions that are revoked now. For subjects only, just their sessions are checked. */
  #endCovered(records: readonly Revocation[]): void {
    const { registry } = this.#options;
    const isSubjectsOnly = records.every(({ kind }) => kind === "subject");
    const among = isSubjectsOnly ? records.flatMap(({ value }) => registry.of(value)) : undefined;
    registry.endAll((session) => this.#revocations.covers(session), revoked, among);
  }
}

/** Why a session that is revoked ends, and why no other begins. */
export const revoked = refuse("token_revoked", { reason: "a revocation covers the credential" });

const revocationIsLate = "The sessions of this node have ended, but the store did not take the revocation. It is published as soon as the store can be reached.";
const noticeIsLate = "This node has applied the change, but the store did not take it for the other nodes. It is published as soon as the store can be reached.";

const targetNames = ["token", "tokenId", "subject", "session"];

function checkTarget(target: unknown): void {
  const given = typeof target === "object" && target !== null ? Object.entries(target).filter(([name]) => name !== "issuedBefore") : [];
  const [[name, value] = ["", undefined]] = given;
  const isOne = given.length === 1 && targetNames.includes(name) && typeof value === "string" && value !== "" && !isNoticeValue(value);
  if (isOne && (name === "subject" || !("issuedBefore" in (target as object)))) return;
  throw new GuardError("revoke_invalid", "guarded.revoke takes one of { token }, { tokenId }, { subject, issuedBefore } and { session }, each a non-empty string.");
}
