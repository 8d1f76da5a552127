/** Whether a key is valid according to its record. The handshake and every later check of the session use the same functions. */
import { isSameHash } from "./format.js";
import type { ValidityWindow } from "../token/validity.js";
import type { ApiKeyRecord } from "./record.js";

/** A key has no beginning: a new key may be used at once, although clocks of nodes differ. */
export type KeyStatus = ValidityWindow | "credential_expired" | "credential_invalid" | "credential_revoked";

/** The note of an identity about its key: the hash of the key, and who it belonged to at the handshake. */
export interface KeyVerifiedBy {
  readonly hash: string;
  readonly holder: string;
}

// For an unknown id: compared in place of a record, so that the answer takes as long as for a wrong secret.
const noSecrets = [{ hash: "-".repeat(43), acceptUntil: null }];

/** Only with the right secret does one learn that a key has expired or was revoked. */
export function keyStatus(record: ApiKeyRecord | undefined, hash: string, now: number): KeyStatus {
  const secret = (record?.secrets ?? noSecrets).find((one) => isSameHash(one.hash, hash));
  if (record === undefined || secret === undefined) return "credential_invalid";
  if (record.revokedAt !== null) return "credential_revoked";
  const endsAt = Math.min(record.expiresAt ?? Infinity, secret.acceptUntil ?? Infinity);
  return now < endsAt ? { notBefore: -Infinity, endsAt } : "credential_expired";
}

/** The same for an open session. It ends when its key gets another subject or other scopes: the client has to connect again. */
export function sessionKeyStatus(record: ApiKeyRecord | undefined, { hash, holder }: KeyVerifiedBy, now: number): KeyStatus {
  return record !== undefined && holderOf(record) === holder ? keyStatus(record, hash, now) : "credential_invalid";
}

export function holderOf({ subject, scopes }: ApiKeyRecord): string {
  return JSON.stringify([subject, scopes]);
}

/** What `list()` shows of a key. Times are epoch milliseconds; null means never, or not yet. */
export interface ApiKeyInfo {
  /** Public: the 16 characters between the underscores of the key. */
  readonly id: string;
  /** The name that it was created with, for people. */
  readonly name: string;
  /** The id of the user that the key acts for. */
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly state: "active" | "expired" | "revoked";
  readonly createdAt: number;
  /** When it got its present secret; null if it still has its first one. */
  readonly rotatedAt: number | null;
  /** Until when secrets from before the last rotation are accepted; null if none is. */
  readonly graceEndsAt: number | null;
  /** Null if it does not expire. */
  readonly expiresAt: number | null;
  /** Null if it was not revoked. */
  readonly revokedAt: number | null;
  /** Accurate to a minute. A key with an open session counts as in use. */
  readonly lastUsedAt: number | null;
}

export function keyInfo(record: ApiKeyRecord, now: number): ApiKeyInfo {
  const { id, name, subject, scopes, createdAt, expiresAt, revokedAt, lastUsedAt, secrets: [current, ...earlier] } = record;
  const graceEndsAt = Math.max(...earlier.map(({ acceptUntil }) => acceptUntil ?? Infinity));
  return {
    id, name, subject, scopes, createdAt, expiresAt, revokedAt, lastUsedAt,
    state: revokedAt !== null ? "revoked" : now < (expiresAt ?? Infinity) ? "active" : "expired",
    rotatedAt: current === undefined || current.createdAt === createdAt ? null : current.createdAt,
    graceEndsAt: now < graceEndsAt ? graceEndsAt : null,
  };
}
