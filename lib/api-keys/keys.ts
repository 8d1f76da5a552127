/** `apiKeys(store)`: creates, rotates, revokes and lists API keys. */
import { readActor } from "../audit/action.js";
import type { ByActor } from "../audit-events.js";
import { milliseconds, readOptionsBy, withDefault, type Duration, type Reader } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { keyChanged, type KeyChange } from "../key-changes.js";
import { notifyChanged } from "./follower.js";
import { newId, newKey } from "./format.js";
import { apiKeysOf, type ApiKeyRecord, type ApiKeyStore } from "./record.js";
import { keyInfo, type ApiKeyInfo } from "./status.js";

/** What a new API key is for. */
export interface NewApiKey {
  /** For people, such as "deploy bot": 1 to 256 characters. */
  readonly name: string;
  /** The subject of sessions with this key: 1 to 1,024 characters. */
  readonly subject: string;
  /** What `scope(...)` in rules looks for: at most 100 names of at most 256 printable ASCII characters without spaces, `"` and `\`. @default [] */
  readonly scopes?: readonly string[];
  /** A Date or epoch milliseconds, in the future. @default the key is valid until it is revoked */
  readonly expiresAt?: Date | number;
}

/** A new key or secret. `key` is shown here only: it cannot be read from the store. */
export interface IssuedApiKey {
  /** Public: names the key in lists, logs and commands. */
  readonly id: string;
  /** The key itself, with its secret. */
  readonly key: string;
}

/** Manages the API keys of a store. Guards of this process that use the store have an audit event for each change. Every method also rejects with what the store throws. */
export interface ApiKeys {
  /** @throws GuardError (the promise rejects) `option_invalid`, `option_unknown`, `option_undefined` */
  create(key: NewApiKey, by?: ByActor): Promise<IssuedApiKey>;
  /**
   * Gives a key a new secret. The current secret is accepted for `grace` longer, earlier ones for no longer than before, so that
   * sessions stay open until then. With `grace: 0`, sessions with earlier secrets end at once. There is no default for `grace`,
   * because you have to decide how long a secret may live that may have leaked.
   * @throws GuardError (the promise rejects) `api_key_unknown`, `api_key_revoked`, `api_key_expired`, `api_key_rotated_often`, `api_key_busy`,
   * `option_invalid`, `option_unknown`
   */
  rotate(key: { readonly id: string; readonly grace: Duration }, by?: ByActor): Promise<IssuedApiKey>;
  /**
   * Revokes one key, or all keys of a subject, for ever. Their sessions end.
   * @throws GuardError (the promise rejects) `api_key_unknown`, `api_key_busy`, `option_invalid`
   */
  revoke(target: { readonly id: string } | { readonly subject: string }, by?: ByActor): Promise<void>;
  /** The oldest first, including keys that were revoked or have expired. */
  list(): Promise<readonly ApiKeyInfo[]>;
}

// A key with more accepted secrets than this is not rotated.
const maxInGrace = 10;
const maxAttempts = 20;

/**
 * Manages the API keys of a store. Guards in this process that use the same store object see a change before the promise settles;
 * others see it within `maxStaleness`.
 * @throws GuardError `store_invalid`
 */
export function apiKeys(store: { readonly apiKeys?: ApiKeyStore }): ApiKeys {
  return new StoredApiKeys(apiKeysOf(store, "apiKeys(store)"));
}

class StoredApiKeys implements ApiKeys {
  readonly #store: ApiKeyStore;

  constructor(store: ApiKeyStore) {
    this.#store = store;
  }

  async create(given: NewApiKey, by?: ByActor): Promise<IssuedApiKey> {
    const who = readActor(by, "create()");
    const parsed = readOptionsBy(newApiKey, given, { where: "create()", notUndefined: ["scopes", "expiresAt"] });
    const now = Date.now();
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const { id, key, hash } = newKey(newId());
      const record = { id, ...parsed, createdAt: now, revokedAt: null, lastUsedAt: null, secrets: [{ hash, createdAt: now, acceptUntil: null }], revision: 1 };
      if (await this.#store.add(record)) {
        this.#tell("keyCreated", record, who);
        return { id, key };
      }
    }
    throw new GuardError("store_invalid", "The store returned false for every new key: `add(record)` must return true when it has added the record.");
  }

  async rotate(given: { readonly id: string; readonly grace: Duration }, by?: ByActor): Promise<IssuedApiKey> {
    const who = readActor(by, "rotate()");
    const { id, grace } = readOptionsBy(rotation, given, { where: "rotate()" });
    const { key, hash } = newKey(id);
    const changed = await this.#change(id, (record, now) => {
      refuseEnded(record, now);
      const accepted = record.secrets.filter(({ acceptUntil }) => now < (acceptUntil ?? Infinity));
      if (grace > 0 && accepted.length > maxInGrace) {
        throw new GuardError("api_key_rotated_often", `This key has ${maxInGrace} earlier secrets that are still accepted. Wait until their grace has ended, or rotate with \`grace: 0\`, which ends them all.`);
      }
      const retired = accepted.map((secret) => ({ ...secret, acceptUntil: Math.min(secret.acceptUntil ?? Infinity, now + grace) }));
      return { ...record, secrets: [{ hash, createdAt: now, acceptUntil: null }, ...retired] };
    });
    this.#tell("keyRotated", changed!, who);
    return { id, key };
  }

  async revoke(target: { readonly id: string } | { readonly subject: string }, by?: ByActor): Promise<void> {
    const who = readActor(by, "revoke()");
    const { id, subject } = readTarget(target);
    const ids = id === undefined ? (await this.#store.list()).filter((record) => record.subject === subject).map((record) => record.id) : [id];
    for (const one of ids) {
      const changed = await this.#change(one, (record, now) => (record.revokedAt === null ? { ...record, revokedAt: now } : undefined));
      if (changed !== undefined) this.#tell("keyRevoked", changed, who);
    }
  }

  #tell(type: KeyChange["type"], { id, name, subject }: ApiKeyRecord, who: ByActor): void {
    keyChanged(this.#store, type, { kind: "apiKey", keyId: id, name, subject, ...who });
  }

  async list(): Promise<readonly ApiKeyInfo[]> {
    const now = Date.now();
    const records = [...await this.#store.list()];
    return records.sort((one, other) => one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1)).map((record) => keyInfo(record, now));
  }

  /** Applies a change, again if somebody else has changed the key meanwhile. If `change` returns undefined, the key stays as it is. Returns the changed record. */
  async #change(id: string, change: (record: ApiKeyRecord, now: number) => ApiKeyRecord | undefined): Promise<ApiKeyRecord | undefined> {
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const [record] = await this.#store.find([id]);
      if (record === undefined) throw unknownKey();
      const changed = change(record, Date.now());
      const next = changed && { ...changed, revision: record.revision + 1 };
      if (next === undefined || await this.#store.replace(next)) {
        notifyChanged(this.#store, next ?? record);
        return next;
      }
    }
    throw new GuardError("api_key_busy", "Others changed this key at the same time, again and again. Try again.");
  }
}

function refuseEnded(record: ApiKeyRecord, now: number): void {
  const { state } = keyInfo(record, now);
  if (state === "active") return;
  if (state === "revoked") throw new GuardError("api_key_revoked", "This key was revoked. Create a new one.");
  throw new GuardError("api_key_expired", "This key has expired. Create a new one.");
}

function readTarget(target: unknown): { readonly id?: string; readonly subject?: string } {
  const { id, subject, ...others } = (typeof target === "object" && target !== null ? target : {}) as { id?: unknown; subject?: unknown };
  if ((id === undefined) === (subject === undefined) || Object.keys(others).length > 0) throw invalid("revoke() takes either { id } or { subject }.");
  return id === undefined ? { subject: newApiKey.subject(subject, "subject") } : { id: readId(id) };
}

function readId(id: unknown): string {
  if (typeof id === "string" && /^[0-9a-z]{16}$/.test(id)) return id;
  throw unknownKey();
}

// The id that was given may be a whole key, so the message does not repeat it.
function unknownKey(): GuardError {
  return new GuardError("api_key_unknown", "No key has this id. An id is the 16 characters between the underscores of the key, which list() shows.");
}

// RFC 6749, section 3.3.
const scopeName = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/;
const maxScopes = 100;

const rotation = { id: readId, grace: (given: unknown, name: string) => milliseconds(given, name) };
const newApiKey = { name: text(256), subject: text(1_024), scopes: withDefault([], readScopes), expiresAt: withDefault(null, readExpiry) };

function text(maxLength: number): Reader<string> {
  return (given, name) => {
    if (typeof given === "string" && given !== "" && given.length <= maxLength) return given;
    throw invalid(`\`${name}\` must be a string of 1 to ${maxLength} characters.`);
  };
}

function readScopes(scopes: unknown): readonly string[] {
  const isList = Array.isArray(scopes) && scopes.length <= maxScopes && scopes.every((name) => typeof name === "string" && scopeName.test(name));
  if (isList) return [...new Set(scopes as string[])];
  throw invalid(`\`scopes\` must be a list of at most ${maxScopes} names such as "orders:read": printable ASCII without spaces, quotes and backslashes.`);
}

function readExpiry(expiresAt: unknown): number | null {
  const instant = expiresAt instanceof Date || typeof expiresAt === "number" ? Number(expiresAt) : NaN;
  if (Number.isFinite(instant) && instant > Date.now()) return instant;
  throw invalid("`expiresAt` must be a Date or epoch milliseconds in the future. Leave it out for a key that does not expire.");
}

function invalid(message: string): GuardError {
  return new GuardError("option_invalid", message);
}
