/** Revokes: sessions here first, in the same tick; then the durable record; then a hint to the other nodes. */
import { GuardError } from "../guard-error.js";
import type { DenialCode } from "../protocol.js";
import { RevocationSync } from "./revocation-sync.js";
import type { Revocable, Revocation, RevocationStore } from "./revocation.js";
import { Revocations } from "./revocations.js";
import { alwaysFresh, type Freshness } from "./session.js";

/** What to revoke. `issuedBefore` is a Date or epoch milliseconds: what was issued then or earlier is revoked. */
export type Revoke =
  /** A raw token that verifies here. One that has expired needs no revoking. */
  | { readonly token: string }
  /** The `jti` of a token. */
  | { readonly tokenId: string }
  /** Everything that a subject was issued. @default issuedBefore: now */
  | { readonly subject: string; readonly issuedBefore?: Date | number }
  /** One session, on whatever node it is. */
  | { readonly session: string };

export interface RevokerOptions {
  /** Undefined: revocations are kept in this node's memory alone. */
  readonly store: RevocationStore | undefined;
  /** Milliseconds. */
  readonly maxStaleness: number;
  readonly onStale: "deny" | "allow" | "silence";
  /** How long what is issued now can hold, in milliseconds. */
  readonly maxLifetime: () => number;
  /** The id of a raw token; undefined if it holds no more. */
  readonly tokenIdOf: (token: string) => string | undefined;
  /** Ends the sessions of this node that are covered; of these subjects alone, if they are given. */
  readonly end: (covers: (session: Revocable) => boolean, subjects: readonly string[] | undefined) => void;
  /** Tells the other nodes that there is something to read. */
  readonly hint: () => void;
  readonly failed: (error: unknown) => void;
}

export class Revoker {
  readonly freshness: Freshness;
  readonly #options: RevokerOptions;
  readonly #revocations = new Revocations();
  readonly #follower: RevocationSync | undefined;

  constructor(options: RevokerOptions) {
    this.#options = options;
    const { store, maxStaleness, failed } = options;
    this.#follower = store && new RevocationSync({ store, maxStaleness, failed, revocations: this.#revocations, heard: (records) => this.#end(records), published: options.hint });
    this.freshness = this.#follower === undefined || options.onStale === "allow" ? alwaysFresh : this.#follower;
  }

  /** Whether what is revoked has been read from the store, or could not be. */
  get isReady(): boolean {
    return this.#follower?.isReady ?? true;
  }

  async ready(): Promise<void> {
    await this.#follower?.known();
  }

  /** Why a session, or what would become one, is refused; undefined if it is not. */
  refusal(session: Revocable): DenialCode | undefined {
    return this.#revocations.covers(session) ? "token_revoked" : undefined;
  }

  /**
   * Settles when the record is durable. Sessions of this node have ended before that.
   * @throws GuardError (the promise rejects) `revoke_invalid`, `store_unavailable`, and what verifying a token says
   */
  async revoke(what: Revoke): Promise<void> {
    const record = this.#recordOf(what);
    if (record !== undefined) await this.#spread(record);
  }

  /** Everything that anybody was issued until then. @throws as `revoke` */
  async revokeAll(issuedBefore: Date | number | undefined): Promise<void> {
    await this.#spread(this.#record("all", "", issuedBefore));
  }

  /** Another node has hinted at something new. */
  read(): void {
    void this.#follower?.read();
  }

  stop(): void {
    this.#follower?.stop();
  }

  #recordOf(what: Revoke): Revocation | undefined {
    refuseWrongForm(what);
    if ("subject" in what) return this.#record("subject", what.subject, what.issuedBefore);
    if ("session" in what) return this.#record("session", what.session);
    const tokenId = "tokenId" in what ? what.tokenId : this.#options.tokenIdOf(what.token);
    return tokenId === undefined ? undefined : this.#record("token", tokenId);
  }

  #record(kind: Revocation["kind"], value: string, issuedBefore: Date | number = Date.now()): Revocation {
    const instant = Number(issuedBefore);
    if (!Number.isFinite(instant)) throw new GuardError("revoke_invalid", "issuedBefore is no instant: give a Date, or epoch milliseconds.");
    return Object.freeze({ kind, value, issuedBefore: instant, expiresAt: Math.max(Date.now(), instant) + this.#options.maxLifetime() });
  }

  async #spread(record: Revocation): Promise<void> {
    this.#revocations.add(record, Date.now());
    this.#end([record]);
    if (this.#follower === undefined) return;
    try {
      await this.#follower.publish([record]);
    } catch (error) {
      this.#options.failed(error);
      throw new GuardError("store_unavailable", "The sessions of this node have ended, but the store did not take the revocation: it is published as soon as the store can be reached.");
    }
    this.#options.hint();
  }

  #end(records: readonly Revocation[]): void {
    const subjects = records.every(({ kind }) => kind === "subject") ? records.map(({ value }) => value) : undefined;
    this.#options.end((session) => this.#revocations.covers(session), subjects);
  }
}

const forms = ["token", "tokenId", "subject", "session"];

function refuseWrongForm(what: unknown): void {
  const given = typeof what === "object" && what !== null ? Object.entries(what).filter(([name]) => name !== "issuedBefore") : [];
  const [[name, value] = ["", undefined]] = given;
  const isOne = given.length === 1 && forms.includes(name) && typeof value === "string" && value !== "";
  if (isOne && (name === "subject" || !("issuedBefore" in (what as object)))) return;
  throw new GuardError("revoke_invalid", "guarded.revoke takes one of { token }, { tokenId }, { subject, issuedBefore } and { session }, each a string that is not empty.");
}
