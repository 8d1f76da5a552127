/** A revocation: a record that ends tokens, subjects or sessions before their time; and where such records are kept. */
import type { Session } from "./session.js";

/** What is revoked: one token, what a subject was issued until an instant, one session, or everything until an instant. */
export type RevocationKind = "token" | "subject" | "session" | "all";

/** Two records of the same kind and value are one: the one that reaches further. */
export interface Revocation {
  readonly kind: RevocationKind;
  /** The token's id, the subject, or the session's id; empty for `all`. */
  readonly value: string;
  /** Epoch milliseconds. Of a subject, or of all, what was issued then or earlier is revoked; else when it was revoked. */
  readonly issuedBefore: number;
  /** Epoch milliseconds from which on the record is of no use: what it revokes has expired. */
  readonly expiresAt: number;
}

/** How far a store has been read. `number` grows with every record; another `epoch` is another store, or the same one after a loss. */
export interface Version {
  readonly epoch: string;
  readonly number: number;
}

/** What was appended after a version, in order, and how far that reaches. */
export interface RevocationPage {
  readonly records: readonly Revocation[];
  readonly version: Version;
}

/** Where revocations are kept for all nodes, and for the time after a restart. What it throws counts as "cannot be reached". */
export interface RevocationStore {
  /** Durable once it settles. Appending a record again changes nothing. */
  append(records: readonly Revocation[]): Promise<void>;
  /**
   * The next records after `version`, at most some thousands; none once all are read. From the beginning if there is no
   * version, or if it is of another epoch or later than the store's own.
   */
  since(version: Version | undefined): Promise<RevocationPage>;
}

/** Whether the second record says nothing that the first does not. */
export function supersedes(known: Revocation | undefined, other: Revocation): boolean {
  return known !== undefined && known.issuedBefore >= other.issuedBefore && known.expiresAt >= other.expiresAt;
}

/** One record that reaches as far as both. */
export function merge(one: Revocation | undefined, other: Revocation): Revocation {
  if (one === undefined) return other;
  return { ...other, issuedBefore: Math.max(one.issuedBefore, other.issuedBefore), expiresAt: Math.max(one.expiresAt, other.expiresAt) };
}

/** Of two versions the one that is further; one of another epoch takes the place of what was known. */
export function newerVersion(known: Version | undefined, version: Version): Version {
  return known?.epoch === version.epoch && known.number > version.number ? known : version;
}

/** Milliseconds that a store keeps a record after it has expired: nodes' clocks differ, and the clock of a token may tolerate as much. */
export const retention = 60_000;

/** What a revocation is held against. */
export type Revocable = Pick<Session, "id" | "subject"> & {
  readonly identity: { readonly tokenId?: string; readonly issuedAt?: number };
};
