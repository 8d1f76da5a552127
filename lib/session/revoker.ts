/** Revokes: ends the sessions of this node in the same tick, then makes the record durable, then lets other nodes know. */
import type { Authenticator } from "../authenticate/authenticator.js";
import { tokenIdOf } from "../authenticate/chain.js";
import { GuardError } from "../guard-error.js";
import { refuse } from "../refusal.js";
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
  readonly #sync: RevocationSync | undefined;

  constructor(options: RevokerOptions) {
    this.#options = options;
    const { store, onStale, freshness } = options;
    this.#sync = store && new RevocationSync({
      ...options,
      store,
      revocations: this.#revocations,
      freshness: onStale === "allow" ? { staleAt: Infinity } : freshness,
      onNew: (records) => this.#endCovered(records),
    });
  }

  /** Since when this node has not been up to date with the store, in epoch milliseconds; undefined while it is. */
  get notReadySince(): number | undefined {
    return this.#sync?.notReadySince;
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
  async revoke(target: RevocationTarget): Promise<void> {
    const record = this.#recordOf(target);
    if (record !== undefined) await this.#publish(record);
  }

  /** Revokes everything that was issued until an instant. @throws as `revoke` */
  async revokeAll(issuedBefore: Date | number | undefined): Promise<void> {
    await this.#publish(this.#record("all", "", issuedBefore));
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

  async #publish(record: Revocation): Promise<void> {
    this.#revocations.add(record, Date.now());
    this.#endCovered([record]);
    if (this.#sync === undefined) return;
    try {
      await this.#sync.publish([record]);
    } catch (error) {
      this.#options.onError(error);
      throw new GuardError("store_unavailable", "The sessions of this node have ended, but the store did not take the revocation. It is published as soon as the store can be reached.");
    }
    this.#options.onPublished();
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

const targetNames = ["token", "tokenId", "subject", "session"];

function checkTarget(target: unknown): void {
  const given = typeof target === "object" && target !== null ? Object.entries(target).filter(([name]) => name !== "issuedBefore") : [];
  const [[name, value] = ["", undefined]] = given;
  const isOne = given.length === 1 && targetNames.includes(name) && typeof value === "string" && value !== "";
  if (isOne && (name === "subject" || !("issuedBefore" in (target as object)))) return;
  throw new GuardError("revoke_invalid", "guarded.revoke takes one of { token }, { tokenId }, { subject, issuedBefore } and { session }, each a non-empty string.");
}
