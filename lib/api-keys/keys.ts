/** `apiKeys(store)`: keys are made, rotated, revoked and listed. */
import { milliseconds, refuseUnknownOptions, type Duration } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { announce } from "./changes.js";
import { newId, newKey } from "./format.js";
import type { ApiKeyRecord, ApiKeyStorage, ApiKeyStore } from "./record.js";
import { apiKeysOf } from "./storage.js";
import { readWish, type NewApiKey } from "./wish.js";

/** The key is shown here and never again: nobody can read it from the store. */
export interface ShownApiKey {
  /** Public: names the key in lists, logs and commands. */
  readonly id: string;
  readonly key: string;
}

/** What can be said of a key. Instants are epoch milliseconds; null: never, or not yet. */
export interface ApiKeyInfo {
  readonly id: string;
  readonly name: string;
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly state: "active" | "expired" | "revoked";
  readonly createdAt: number;
  readonly rotatedAt: number | null;
  /** Until when the secrets before the last rotation are accepted, if any still is. */
  readonly graceEndsAt: number | null;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  /** Within a minute; a key with an open session is in use. */
  readonly lastUsedAt: number | null;
}

/** Each method rejects with what the store throws, besides what it says itself. */
export interface ApiKeys {
  /** @throws GuardError (the promise rejects) `api_key_invalid`, `option_unknown`, `option_undefined` */
  create(key: NewApiKey): Promise<ShownApiKey>;
  /**
   * Gives a key a new secret. The one that it had works for `grace` more, and never longer than before: no session drops
   * until then. With `grace: 0` the sessions that came in by it end. `grace` has no default: how long a secret that may
   * have leaked lives is the host's decision.
   * @throws GuardError (the promise rejects) `api_key_unknown`, `api_key_revoked`, `api_key_expired`, `api_key_rotated_often`, `duration_invalid`, `option_unknown`
   */
  rotate(id: string, options: { readonly grace: Duration }): Promise<ShownApiKey>;
  /**
   * Revokes one key, or all that a subject has, for ever: their sessions end. One that is revoked already stays so.
   * @throws GuardError (the promise rejects) `api_key_unknown` for an id that no key has
   */
  revoke(what: string | { readonly subject: string }): Promise<void>;
  /** The oldest first; those that are revoked or have expired too. */
  list(): Promise<readonly ApiKeyInfo[]>;
}

// While more than this many secrets of one key are in their grace, it is not rotated again.
const mostInGrace = 10;
const attempts = 20;

/**
 * Manages the keys of a store, which `apiKey({ store })` lets in. Sessions of guards that were given the same store object
 * hear of a change before the promise settles; others within `maxStaleness`.
 * @throws GuardError `store_invalid`
 */
export function apiKeys(store: ApiKeyStorage): ApiKeys {
  return new StoredApiKeys(apiKeysOf(store, "apiKeys"));
}

class StoredApiKeys implements ApiKeys {
  readonly #store: ApiKeyStore;

  constructor(store: ApiKeyStore) {
    this.#store = store;
  }

  async create(wish: NewApiKey): Promise<ShownApiKey> {
    const now = Date.now();
    const wanted = readWish(wish, now);
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const { id, key, hash } = newKey(newId());
      const record = { id, ...wanted, createdAt: now, revokedAt: null, lastUsedAt: null, secrets: [{ hash, createdAt: now, acceptUntil: null }], revision: 1 };
      if (await this.#store.add(record)) return { id, key };
    }
    throw new GuardError("store_invalid", "The store says of every new id that there is a key with it: its add(record) answers true for a record that it took.");
  }

  async rotate(id: string, options: { readonly grace: Duration }): Promise<ShownApiKey> {
    refuseUnknownOptions(options ?? {}, ["grace"], "rotate");
    const grace = milliseconds(options?.grace, "grace");
    const { key, hash } = newKey(idOf(id));
    await this.#change(id, (record, now) => {
      refuseEnded(record, now);
      const lasting = record.secrets.filter(({ acceptUntil }) => now < (acceptUntil ?? Infinity));
      if (grace > 0 && lasting.length > mostInGrace) {
        throw new GuardError("api_key_rotated_often", `This key has ${mostInGrace} earlier secrets that are still accepted: wait until their grace has ended, or rotate it with grace: 0, which ends them all.`);
      }
      const retired = lasting.map((secret) => ({ ...secret, acceptUntil: Math.min(secret.acceptUntil ?? Infinity, now + grace) }));
      return { ...record, secrets: [{ hash, createdAt: now, acceptUntil: null }, ...retired] };
    });
    return { id, key };
  }

  async revoke(what: string | { readonly subject: string }): Promise<void> {
    if (typeof what === "string") return this.#revokeOne(what);
    const subject: unknown = what?.subject;
    if (typeof subject !== "string" || subject === "") {
      throw new GuardError("api_key_unknown", "revoke takes the id of a key, or { subject } for all that a subject has.");
    }
    for (const record of await this.#store.list()) if (record.subject === subject) await this.#revokeOne(record.id);
  }

  async list(): Promise<readonly ApiKeyInfo[]> {
    const now = Date.now();
    const records = [...await this.#store.list()];
    return records.sort((one, other) => one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1)).map((record) => infoOf(record, now));
  }

  #revokeOne(id: string): Promise<void> {
    return this.#change(id, (record, now) => (record.revokedAt === null ? { ...record, revokedAt: now } : undefined));
  }

  /** Whoever changes the key at the same time goes before or after, never under. Undefined: nothing is to change. */
  async #change(id: string, change: (record: ApiKeyRecord, now: number) => ApiKeyRecord | undefined): Promise<void> {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const [record] = await this.#store.find([idOf(id)]);
      if (record === undefined) throw unknown();
      const changed = change(record, Date.now());
      const next = changed && { ...changed, revision: record.revision + 1 };
      if (next === undefined || await this.#store.replace(next)) return announce(this.#store, next ?? record);
    }
    throw new GuardError("api_key_busy", "Others changed this key again and again at the same time: try again.");
  }
}

function idOf(id: unknown): string {
  if (typeof id === "string" && /^[0-9a-z]{16}$/.test(id)) return id;
  throw unknown();
}

// What was given may be a whole key, so the sentence holds none of it.
function unknown(): GuardError {
  return new GuardError("api_key_unknown", "No key has this id: give the 16 characters between the underscores of the key, which list() shows as its id.");
}

function refuseEnded(record: ApiKeyRecord, now: number): void {
  const { state } = infoOf(record, now);
  if (state === "active") return;
  throw new GuardError(`api_key_${state}`, `This key ${state === "revoked" ? "was revoked" : "has expired"}: make a new one.`);
}

function infoOf(record: ApiKeyRecord, now: number): ApiKeyInfo {
  const { id, name, subject, scopes, createdAt, expiresAt, revokedAt, lastUsedAt, secrets: [current, ...earlier] } = record;
  const grace = Math.max(...earlier.map(({ acceptUntil }) => acceptUntil ?? Infinity));
  return {
    id, name, subject, scopes, createdAt, expiresAt, revokedAt, lastUsedAt,
    state: revokedAt !== null ? "revoked" : now < (expiresAt ?? Infinity) ? "active" : "expired",
    rotatedAt: current === undefined || current.createdAt === createdAt ? null : current.createdAt,
    graceEndsAt: now < grace ? grace : null,
  };
}
