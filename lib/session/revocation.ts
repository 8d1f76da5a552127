/** Revocations: records that end tokens, subjects or sessions before their time, and those that this node knows. */
import type { GuardSession } from "./session.js";

/** What is revoked: one token, the tokens that a subject was issued until an instant, one session, or every token until an instant. */
export type RevocationKind = "token" | "subject" | "session" | "all";

/** Two records of the same kind and value count as one: the one that reaches further. */
export interface Revocation {
  readonly kind: RevocationKind;
  /** The token's id, the subject, or the session's id; empty for `all`. */
  readonly value: string;
  /** Epoch milliseconds. For a subject and for `all`: tokens issued then or earlier are revoked. Otherwise: when it was revoked. */
  readonly issuedBefore: number;
  /** Epoch milliseconds from which on the record is useless, because what it revokes has expired. */
  readonly expiresAt: number;
}

/** How far a store has been read. `number` grows with every record. A new `epoch` means another store, or one that has lost records. */
export interface RevocationVersion {
  readonly epoch: string;
  readonly number: number;
}

/** Records in the order in which they were appended, and the version that they reach. */
export interface RevocationPage {
  readonly records: readonly Revocation[];
  readonly version: RevocationVersion;
}

/** Keeps revocations for all nodes and across restarts. An error of a method means that the store cannot be reached. */
export interface RevocationStore {
  /** Settles when the records are durable. Appending a record again changes nothing. */
  append(records: readonly Revocation[]): Promise<void>;
  /**
   * The next records after `version`, a few thousand at most; an empty page once all are read. Starts from the beginning if
   * `version` is undefined, or has another epoch or a higher number than the store.
   */
  since(version: RevocationVersion | undefined): Promise<RevocationPage>;
}

/** Whether `known` reaches at least as far as `other`, so that `other` adds nothing. */
export function supersedes(known: Revocation | undefined, other: Revocation): boolean {
  return known !== undefined && known.issuedBefore >= other.issuedBefore && known.expiresAt >= other.expiresAt;
}

/** One record that reaches as far as both. */
export function merge(one: Revocation | undefined, other: Revocation): Revocation {
  if (one === undefined) return other;
  return { ...other, issuedBefore: Math.max(one.issuedBefore, other.issuedBefore), expiresAt: Math.max(one.expiresAt, other.expiresAt) };
}

/** The later of two versions. A version of another epoch replaces the known one. */
export function newerVersion(known: RevocationVersion | undefined, version: RevocationVersion): RevocationVersion {
  return known?.epoch === version.epoch && known.number > version.number ? known : version;
}

/** Milliseconds that a store keeps a record after it has expired: the clocks of nodes differ, and `clockTolerance` may be as long. */
export const retention = 60_000;

/** The part of a session that a revocation can match. */
export type Revocable = Pick<GuardSession, "id" | "subject"> & {
  readonly identity: { readonly tokenId?: string; readonly issuedAt?: number };
};

// Each `add` checks this many other records for expiry, so that there is never a pause to check all of them.
const checkedPerAdd = 2;

/** The revocations that this node knows, in memory. Matching a session takes a few lookups, however many records there are. */
export class Revocations {
  readonly #byValue: Record<RevocationKind, Map<string, Revocation>> = { token: new Map(), subject: new Map(), session: new Map(), all: new Map() };
  #expiryScan: Generator<Revocation> | undefined = undefined;

  *[Symbol.iterator](): Generator<Revocation> {
    for (const records of Object.values(this.#byValue)) yield* records.values();
  }

  /** Adds a record. Returns false if it has expired or adds nothing. */
  add(record: Revocation, now: number): boolean {
    const records = this.#byValue[record.kind];
    const known = records.get(record.value);
    if (supersedes(known, record) || record.expiresAt <= now) return false;
    records.set(record.value, merge(known, record));
    this.#forgetExpired(now);
    return true;
  }

  /** Whether this session is revoked. For a guest, only a revocation of the session itself counts. */
  covers({ id, subject, identity }: Revocable): boolean {
    const { session, token, subject: subjects, all } = this.#byValue;
    // All sessions may be checked in one turn, and a lookup hashes its key: so empty maps are skipped.
    if (session.size > 0 && session.has(id)) return true;
    if (subject === undefined) return false;
    const { tokenId, issuedAt } = identity;
    if (token.size > 0 && tokenId !== undefined && token.has(tokenId)) return true;
    return isBefore(issuedAt, subjects.get(subject)) || isBefore(issuedAt, all.get(""));
  }

  #forgetExpired(now: number): void {
    for (let checked = 0; checked < checkedPerAdd; checked += 1) {
      const next = (this.#expiryScan ??= this[Symbol.iterator]()).next();
      if (next.done === true) this.#expiryScan = undefined;
      else if (next.value.expiresAt <= now) this.#byValue[next.value.kind].delete(next.value.value);
    }
  }
}

/** A credential without a time of issue counts as issued before. */
function isBefore(issuedAt: number | undefined, record: Revocation | undefined): boolean {
  return record !== undefined && (issuedAt === undefined || issuedAt <= record.issuedBefore);
}
