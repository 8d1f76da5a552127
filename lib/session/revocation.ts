/** A revocation is a record that ends tokens, subjects or sessions before their time. */
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
   * The next records after `version`, a few thousand at most; an empty page once all are read. Starts from the beginning if there
   * is no version, or if it has another epoch or a higher number than the store.
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
