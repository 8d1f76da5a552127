/** What is kept of an API key, and where: the key itself is in none of it. */

/** One of the secrets that a key has had. */
export interface ApiKeySecret {
  /** SHA-256 of the whole key, in base64url. */
  readonly hash: string;
  readonly createdAt: number;
  /** Accepted until just before; null for the one that the key has now. */
  readonly acceptUntil: number | null;
}

/** Instants are epoch milliseconds; null: never, or not yet. */
export interface ApiKeyRecord {
  readonly id: string;
  /** For people, such as "deploy bot". */
  readonly name: string;
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  /** Within a minute. */
  readonly lastUsedAt: number | null;
  /** The newest first. */
  readonly secrets: readonly ApiKeySecret[];
  /** Grows by one with every change but that of `lastUsedAt`. */
  readonly revision: number;
}

/** Where API keys are kept. What it throws counts as "cannot be reached". */
export interface ApiKeyStore {
  /** Durable once it settles. False if there is a key with this id: it is then unchanged. */
  add(record: ApiKeyRecord): Promise<boolean>;
  /** Those of these ids that are there, in any order, as they are now: at most 1,000 are asked for at once. */
  find(ids: readonly string[]): Promise<readonly ApiKeyRecord[]>;
  /** All, in any order, those that were revoked or have expired too. */
  list(): Promise<readonly ApiKeyRecord[]>;
  /**
   * Durable once it settles. Takes the place of the record with the same id and the revision before this one's, all but
   * its `lastUsedAt`; false if there is none, and nothing changes.
   */
  replace(record: ApiKeyRecord): Promise<boolean>;
  /** These keys were in use at an instant. An earlier one than is known changes nothing; nor does an id that is not there. */
  used(ids: readonly string[], at: number): Promise<void>;
}

/** A store with a part for API keys. */
export interface ApiKeyStorage {
  readonly apiKeys?: ApiKeyStore;
}

export const mostAtOnce = 1_000;
